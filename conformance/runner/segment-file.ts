/** Segments of rings as files in memory: good ones, and such as no engine should make. One of the few files that touch the OS. */
import { closeSync, constants, fstatSync, openSync } from 'node:fs'
import { createRequire } from 'node:module'
import { SEGMENT_CELLS_AT, SEGMENT_MAGIC, SEGMENT_OFFSET, Segment, segmentBytes } from '@millrace/protocol'
import { Inconclusive } from './failure.ts'

/** Cells of each ring that the runner makes: few, so that cases with many messages fill them. */
const CELLS = 16

const MFD_CLOEXEC = 1
const MFD_ALLOW_SEALING = 2
const F_ADD_SEALS = 1_033
const F_GET_SEALS = 1_034
const PROT_READ_WRITE = 1 | 2
const MAP_SHARED = 1
/** The three that the rule `ring-segment` names. */
const SEALS = { seal: 1, shrink: 2, grow: 4 } as const
const EVERY_SEAL = SEALS.seal | SEALS.shrink | SEALS.grow

/** What differs from a good segment; true: nothing. */
export type SegmentForm =
  | true
  | {
      /** Eight letters. */
      readonly magic?: string
      readonly layout?: number
      /** As the file says. The file has room for 16, or for as many if they are between 1 and 4,096. */
      readonly cells?: number
      /** Bytes that the file is longer than it should be. */
      readonly extra_bytes?: number
      /** Default: all three. */
      readonly seals?: readonly (keyof typeof SEALS)[]
      /** For how long the worker should poll. Unit: microseconds. Default 0. Does not make it a bad one. */
      readonly poll_us?: number
    }

/** A segment that is mapped here. The mapping stays until this process ends: nothing that still looks at it can fail. */
export interface MappedSegment {
  readonly segment: Segment
  readonly cells: number
}

/** A segment for a worker. */
export interface MadeSegment {
  /** Mapped here; undefined: it is none that a worker may use. */
  readonly mapped: MappedSegment | undefined
  /** Closes at exec: whoever starts the worker gives it a copy. */
  readonly fd: number
  /** The worker has its copy of the descriptor. Doing so twice is allowed. */
  started(): void
}

/** What can be read of a segment that somebody else has made. */
export interface SegmentFacts {
  /** Tells files in memory apart. */
  readonly inode: number
  readonly bytes: number
  readonly isSealed: boolean
  readonly magic: string
  readonly layout: number
  readonly cells: number
}

interface Calls {
  memfdCreate(name: string, flags: number): number
  ftruncate(fd: number, length: number): number
  fcntl(fd: number, command: number, type: string, argument: number): number
  mmap(address: null, length: number, protection: number, flags: number, fd: number, offset: number): bigint
  view(address: bigint, length: number): ArrayBuffer
}

let loaded: Calls | undefined

/** Makes a segment. Throws Inconclusive, with the fix, when this host has none. */
export function makeSegment(form: SegmentForm): MadeSegment {
  const { seals = ['seal', 'shrink', 'grow'], ...facts } = form === true ? {} : form
  const isGood = seals.length === 3 && Object.keys(facts).every((key) => key === 'poll_us')
  const { magic = SEGMENT_MAGIC, layout = 1, cells = CELLS, extra_bytes: extra = 0, poll_us: pollUs = 0 } = facts
  const calls = callsOfHost()
  const fd = calls.memfdCreate('millrace-ring', MFD_CLOEXEC | MFD_ALLOW_SEALING)
  if (fd === -1) throw new Inconclusive('memfd_create failed: a segment of rings cannot be made here')
  const bytes = segmentBytes(cells) + extra
  const mask = seals.reduce((bits, one) => bits | SEALS[one], 0)
  if (calls.ftruncate(fd, bytes) !== 0) throw new Inconclusive('ftruncate of a segment failed')
  const segment = mapped(calls, fd, bytes)
  for (let i = 0; i < magic.length; i += 1) segment.bytes[i] = magic.charCodeAt(i)
  segment.words[SEGMENT_OFFSET.layout >> 2] = layout
  segment.words[SEGMENT_OFFSET.cells >> 2] = cells
  segment.pollUs = pollUs
  if (mask !== 0 && calls.fcntl(fd, F_ADD_SEALS, 'int', mask) !== 0) throw new Inconclusive('sealing a segment failed')
  let isOpen = true
  return {
    mapped: isGood ? { segment, cells } : undefined,
    fd,
    started: () => {
      if (isOpen) closeSync(fd)
      isOpen = false
    },
  }
}

/** The segment behind that descriptor of another process, and what it says; undefined: there is no such file. */
export function segmentOf(
  pid: number,
  number: string,
): { readonly facts: SegmentFacts; readonly mapped: MappedSegment | undefined } | undefined {
  const calls = callsOfHost()
  let fd: number
  try {
    fd = openSync(`/proc/${pid}/fd/${number}`, constants.O_RDWR)
  } catch {
    return undefined // A worker may have been given any text.
  }
  try {
    const { ino, size } = fstatSync(fd)
    const seals = calls.fcntl(fd, F_GET_SEALS, 'int', 0)
    const isSealed = seals !== -1 && (seals & EVERY_SEAL) === EVERY_SEAL
    if (size < SEGMENT_CELLS_AT) return undefined
    const segment = mapped(calls, fd, size)
    const word = (at: number): number => segment.words[at >> 2]! >>> 0
    const magic = Buffer.from(segment.bytes.slice(0, SEGMENT_MAGIC.length)).toString('latin1')
    const facts = { layout: word(SEGMENT_OFFSET.layout), cells: word(SEGMENT_OFFSET.cells), magic }
    const cells = segment.cells()
    return {
      facts: { inode: ino, bytes: size, isSealed, ...facts },
      mapped: cells === undefined ? undefined : { segment, cells },
    }
  } finally {
    closeSync(fd)
  }
}

function mapped(calls: Calls, fd: number, bytes: number): Segment {
  const address = calls.mmap(null, bytes, PROT_READ_WRITE, MAP_SHARED, fd, 0)
  if (BigInt.asIntN(64, address) === -1n) throw new Inconclusive('mmap of a segment failed')
  return new Segment(calls.view(address, bytes))
}

function callsOfHost(): Calls {
  loaded ??= bindCalls()
  return loaded
}

function bindCalls(): Calls {
  let koffi: typeof import('koffi')
  try {
    koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi')
  } catch (error) {
    const why = (error as Error).message.split('\n')[0]
    throw new Inconclusive(`rings need the package koffi, which cannot be loaded: ${why}: npm install koffi`)
  }
  const libc = koffi.load(null)
  return {
    memfdCreate: libc.func('int memfd_create(const char *name, unsigned int flags)') as Calls['memfdCreate'],
    ftruncate: libc.func('int ftruncate(int fd, int64_t length)') as Calls['ftruncate'],
    fcntl: libc.func('int fcntl(int fd, int command, ...)') as Calls['fcntl'],
    mmap: libc.func(
      'void *mmap(void *address, size_t length, int protection, int flags, int fd, int64_t offset)',
    ) as Calls['mmap'],
    view: (address, length) => koffi.view(address, length),
  }
}
