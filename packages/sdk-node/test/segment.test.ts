/** What a process makes of `MILLRACE_RING`: with real memory files, and a host that is a process of its own. */
import { closeSync, fstatSync, openSync } from 'node:fs'
import { createRequire } from 'node:module'
import { MessageType, SEGMENT_OFFSET, Segment, segmentBytes } from '@millrace/protocol'
import { decodePrefixed, HelloSchema } from '@millrace/protocol/cold'
import { afterEach, expect, onTestFinished, test } from 'vitest'
import { SharedMemory } from '../../engine/src/channel/shared-memory.ts'
import { takeSegment } from '../src/segment.ts'
import { FifoEngine, Workshop } from './fifo-engine.ts'

const CELLS = 64

afterEach(() => {
  delete process.env.MILLRACE_RING
})

/** An engine's segment, whose descriptor is closed after the test if nothing else has closed it. */
function made() {
  const memory = SharedMemory.open(CELLS)
  if (typeof memory === 'string') throw new Error(memory)
  const one = memory.make()
  onTestFinished(() => one.release())
  return one
}

const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi')
const libc = koffi.load(null)
const memfdCreate = libc.func('int memfd_create(const char *name, unsigned int flags)')
const ftruncate = libc.func('int ftruncate(int fd, int64_t length)')
const fcntl = libc.func('int fcntl(int fd, int command, ...)')
const pwrite = libc.func('int64_t pwrite(int fd, void *bytes, size_t length, int64_t offset)')

const ALL_SEALS = 1 | 2 | 4

/** A memory file that is a segment but for what `spoil` does to its bytes. */
function file({ name = 'millrace-ring', bytes = segmentBytes(CELLS), seals = ALL_SEALS, spoil = (_: Segment) => {} }) {
  const fd = memfdCreate(name, 2) as number
  ftruncate(fd, bytes)
  if (bytes > 0) {
    const segment = new Segment(new ArrayBuffer(bytes))
    segment.format(CELLS)
    spoil(segment)
    pwrite(fd, segment.bytes, bytes, 0)
  }
  fcntl(fd, 1_033, 'int', seals)
  return fd
}

function isOpen(fd: number): boolean {
  try {
    fstatSync(fd)
    return true
  } catch {
    return false
  }
}

function take(number: string) {
  process.env.MILLRACE_RING = number
  const said: string[] = []
  const taken = takeSegment((line) => said.push(line))
  expect(process.env.MILLRACE_RING).toBeUndefined()
  return { taken, said }
}

test('a segment is mapped, shared with who made it, and its descriptor closed', () => {
  const engine = made()
  const { taken, said } = take(`${engine.fd}`)
  expect([taken?.cells, said, isOpen(engine.fd)]).toEqual([CELLS, [], false])
  const at = SEGMENT_OFFSET.poll_us >> 2
  Atomics.store(engine.segment.words, at, 77)
  expect(taken!.segment.pollUs).toBe(77)
  expect(Atomics.exchange(taken!.segment.words, at, 5)).toBe(77)
  expect(Atomics.load(engine.segment.words, at)).toBe(5)
})

test('a segment of an engine that names its files otherwise is mapped, and its descriptor closed', () => {
  const fd = file({ name: 'rings-of-another-engine' })
  expect([take(`${fd}`).taken?.cells, isOpen(fd)]).toEqual([CELLS, false])
})

test('a number that is not written as one names no segment, and its descriptor stays open', () => {
  const fd = file({})
  expect([take(` ${fd}`).taken, take(`0x${fd.toString(16)}`).taken, isOpen(fd)]).toEqual([undefined, undefined, true])
  closeSync(fd)
})

test('without the variable there is no segment', () => {
  expect(takeSegment(() => {})).toBeUndefined()
})

test.each(['', ' 3', '-1', '3.5', '0x3', 'three', '1000000', '99999999999999999999'])('“%s” names none', (number) => {
  expect(take(number)).toEqual({ taken: undefined, said: [] })
})

const word = (segment: Segment, field: 'layout' | 'cells', value: number): void => {
  segment.words[SEGMENT_OFFSET[field] >> 2] = value
}

test.each<[what: string, made: Parameters<typeof file>[0]]>([
  ['without a seal against shrinking', { seals: 1 | 4 }],
  ['without a seal against growing', { seals: 1 | 2 }],
  ['without a seal against further seals', { seals: 2 | 4 }],
  ['with another magic', { spoil: (segment) => segment.bytes.set([0], 7) }],
  ['of another layout', { spoil: (segment) => word(segment, 'layout', 2) }],
  ['whose cells are no power of two', { spoil: (segment) => word(segment, 'cells', 63) }],
  ['with fewer cells than its size has', { spoil: (segment) => word(segment, 'cells', 32) }],
  ['with more cells than its size has', { spoil: (segment) => word(segment, 'cells', 128) }],
  ['that is a word too long', { bytes: segmentBytes(CELLS) + 4 }],
  ['that ends within the fields', { bytes: 2_048 }],
  ['that is empty', { bytes: 0 }],
])('a file %s is not mapped, and is closed as it bears the name of a segment', (_, options) => {
  const fd = file(options)
  expect(take(`${fd}`)).toEqual({ taken: undefined, said: [] })
  expect(isOpen(fd)).toBe(false)
})

test('a file that bears another name and is no segment stays open: it is somebody else’s', () => {
  const own = file({ name: 'other', spoil: (segment) => word(segment, 'layout', 2) })
  const plain = openSync(import.meta.filename, 'r')
  for (const fd of [own, plain]) {
    expect(take(`${fd}`).taken).toBeUndefined()
    expect(isOpen(fd)).toBe(true)
    closeSync(fd)
  }
})

// ——— A host ———

const FACTS = `
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { fn } from '@millrace/sdk'
const facts = () => ({
  // One of these was the listing's own, and is gone.
  files: readdirSync('/proc/self/fd').flatMap((fd) => { try { return [readlinkSync('/proc/self/fd/' + fd)] } catch { return [] } })
    .filter((path) => path.includes('memfd')),
  child: execFileSync('ls', ['-l', '/proc/self/fd'], { encoding: 'utf8' }).includes('memfd'),
  variable: process.env.MILLRACE_RING ?? 'gone',
  mapped: readFileSync('/proc/self/maps', 'utf8').includes('memfd:millrace-ring'),
  koffi: readFileSync('/proc/self/maps', 'utf8').includes('koffi'),
})
const whileLoading = facts()
export const loading = fn('loading', () => whileLoading)
`

/** What a host says of itself that is given this descriptor, and the features of its HELLO. */
async function host(fd: number | undefined, variables: Record<string, string> = {}) {
  const workshop = new Workshop()
  workshop.file('facts.ts', FACTS)
  const given = fd === undefined ? {} : { MILLRACE_RING: '3' }
  const engine = new FifoEngine(workshop, ['facts.ts'], { ...given, ...variables }, fd === undefined ? [] : [fd])
  onTestFinished(() => {
    engine.leave()
    engine.child.kill('SIGKILL')
    workshop.remove()
  })
  const hello = await engine.next(MessageType.HELLO)
  const { features } = decodePrefixed(HelloSchema, hello.body)!
  engine.answer(hello, (feature) => feature !== 'shm-ring')
  engine.invoke('loading', 2, null)
  const facts = await engine.result()
  engine.leave()
  return { rings: features.includes('shm-ring'), facts, stderr: (await engine.exited).stderr }
}

test('a host has mapped the segment and closed its descriptor when it loads the user’s file', async () => {
  const { fd, started } = made()
  const told = await host(fd)
  started()
  const facts = { files: [], child: false, variable: 'gone', mapped: true, koffi: true }
  expect(told).toEqual({ rings: true, facts, stderr: '' })
})

test('a host without a segment does not load koffi', async () => {
  const facts = { files: [], child: false, variable: 'gone', mapped: false, koffi: false }
  expect(await host(undefined)).toEqual({ rings: false, facts, stderr: '' })
})

test('a host that is given another file serves without rings, and leaves it as it is', async () => {
  const fd = openSync(import.meta.filename, 'r')
  const facts = { files: [], child: false, variable: 'gone', mapped: false, koffi: false }
  expect(await host(fd)).toEqual({ rings: false, facts, stderr: '' })
  closeSync(fd)
})

test('a host without koffi says so, offers no rings, and no child inherits the segment', async () => {
  const { fd, started } = made()
  const hide = `
    import { registerHooks } from 'node:module'
    registerHooks({ resolve: (specifier, context, next) => next(specifier === 'koffi' ? 'no-koffi-here' : specifier, context) })`
  const hiding = `--import=data:text/javascript,${encodeURIComponent(hide)}`
  const { rings, facts, stderr } = await host(fd, { NODE_OPTIONS: hiding })
  started()
  expect([rings, facts]).toEqual([false, { files: [], child: false, variable: 'gone', mapped: false, koffi: false }])
  expect(stderr).toMatch(
    /^millrace worker: messages go by pipes and not by rings: koffi cannot be loaded: .*: npm install koffi\n$/,
  )
})
