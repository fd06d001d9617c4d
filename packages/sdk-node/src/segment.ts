/**
 * The segment of shared memory that the engine may give a worker for rings, mapped by `fcntl` and `mmap`, which Node does not
 * have: koffi calls them, and is loaded only by a worker that was given a segment. Touches the OS.
 */
import { closeSync, fstatSync, readlinkSync, readSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { RING_CELLS_MAX, Segment, segmentBytes } from '@millrace/protocol'

/** What the kernel calls an engine's memory file. */
const NAME = /^\/memfd:millrace-ring( |$)/
const F_GET_SEALS = 1_034
/** Against further seals, shrinking and growing. */
const SEALS = 1 | 2 | 4
const PROT_READ_WRITE = 1 | 2
const MAP_SHARED = 1

/** A segment that stays mapped until the process ends: nothing that still looks at it can fail. */
export interface MappedSegment {
  readonly segment: Segment
  /** Of each ring. */
  readonly cells: number
}

/**
 * Maps the segment that `MILLRACE_RING` names, such as "3", takes the variable away and closes the descriptor (rules
 * `ring-offer`, `ring-descriptor-closed`). Undefined when it names none that is sealed and laid out as it must be, or when koffi
 * cannot be had, which `say` is told. A descriptor that is no segment stays open: something between engine and worker has put it
 * there for its own use.
 */
export function takeSegment(say: (line: string) => void): MappedSegment | undefined {
  const { MILLRACE_RING: number } = process.env
  if (number === undefined) return undefined
  delete process.env.MILLRACE_RING
  if (!/^\d+$/.test(number)) return undefined
  const fd = Number(number)
  let mapped: MappedSegment | undefined
  try {
    mapped = mapSegment(fd, say)
    if (mapped !== undefined || NAME.test(readlinkSync(`/proc/self/fd/${fd}`))) closeSync(fd)
  } catch {
    // There is no such descriptor, or nothing that can be read: the launch gives no segment, which is no fault.
  }
  return mapped
}

/** @throws the system's error. */
function mapSegment(fd: number, say: (line: string) => void): MappedSegment | undefined {
  const { size } = fstatSync(fd)
  if (size > segmentBytes(RING_CELLS_MAX)) return undefined
  const copy = new Uint8Array(size)
  if (readSync(fd, copy, 0, size, 0) !== size) return undefined
  const cells = new Segment(copy.buffer).cells()
  if (cells === undefined) return undefined
  const calls = loadCalls()
  if (typeof calls === 'string') {
    say(`messages go by pipes and not by rings: ${calls}`)
    return undefined
  }
  // An error of `fcntl` is -1, which has all seals.
  const seals = calls.fcntl(fd, F_GET_SEALS)
  if (seals < 0 || (seals & SEALS) !== SEALS) return undefined
  const address = calls.mmap(null, size, PROT_READ_WRITE, MAP_SHARED, fd, 0)
  if (BigInt.asIntN(64, address) === -1n) return undefined
  return { segment: new Segment(calls.view(address, size)), cells }
}

/** Of the C library, by koffi. Addresses are BigInts. */
interface Calls {
  fcntl(fd: number, command: number): number
  mmap(address: null, length: number, protection: number, flags: number, fd: number, offset: number): bigint
  view(address: bigint, length: number): ArrayBuffer
}

/** The calls; or why they cannot be had, with the fix. */
function loadCalls(): Calls | string {
  if (process.platform !== 'linux') return `rings need Linux, and this is ${process.platform}`
  try {
    const koffi = loadKoffi()
    const libc = koffi.load(null)
    return {
      fcntl: libc.func('int fcntl(int fd, int command, ...)') as Calls['fcntl'],
      mmap: libc.func(
        'void *mmap(void *address, size_t length, int protection, int flags, int fd, int64_t offset)',
      ) as Calls['mmap'],
      view: (address, length) => koffi.view(address, length),
    }
  } catch (error) {
    return `koffi cannot be loaded: ${(error as Error).message.split('\n')[0]}: npm install koffi`
  }
}

/**
 * Beside this package, where npm puts what the engine or the user's project brings; or else in the project whose files this
 * process serves, as the host may lie elsewhere.
 */
function loadKoffi(): typeof import('koffi') {
  const beside = createRequire(import.meta.url)
  try {
    return beside('koffi') as typeof import('koffi')
  } catch (error) {
    try {
      return createRequire(join(process.cwd(), 'package.json'))('koffi') as typeof import('koffi')
    } catch {
      throw error // What is missing beside this package is what there is to say.
    }
  }
}
