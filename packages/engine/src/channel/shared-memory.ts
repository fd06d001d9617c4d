/**
 * Segments of shared memory by `memfd_create`, `fcntl` and `mmap`, which Node does not have: koffi calls them. One of the
 * few files that touch the OS.
 *
 * Addresses are never given back. When a segment is released, fresh private memory takes its place at the same address, and
 * the next segment may take that: so a stale view of a segment reads and writes harmless memory, and no two buffers of
 * JavaScript ever lie over one another. Cost: address space for the most segments that were ever open at once.
 */
import { closeSync } from 'node:fs'
import { Segment, segmentBytes } from '@millrace/protocol'
import { loadKoffi } from '../base/koffi.ts'

const MFD_CLOEXEC = 1
const MFD_ALLOW_SEALING = 2
const F_ADD_SEALS = 1_033
/** Against further seals, shrinking and growing. */
const SEALS = 1 | 2 | 4
const PROT_READ_WRITE = 1 | 2
const MAP_SHARED = 1
const MAP_PRIVATE = 2
const MAP_FIXED = 16
const MAP_ANONYMOUS = 32

/** The calls of the C library, by koffi. Addresses are BigInts, 0 for none. */
interface Calls {
  memfdCreate(name: string, flags: number): number
  ftruncate(fd: number, length: number): number
  fcntl(fd: number, command: number, type: string, argument: number): number
  mmap(address: bigint | null, length: number, protection: number, flags: number, fd: number, offset: number): bigint
  view(address: bigint, length: number): ArrayBuffer
  errno(): number
}

/** One worker's segment: mapped here, and a descriptor for the worker to map it by. */
export interface OpenSegment {
  readonly segment: Segment
  readonly cells: number
  /** Closes at exec; whoever starts the worker gives it a copy, then calls `started`. */
  readonly fd: number
  /** The worker has its copy of the descriptor. Doing so twice is allowed. */
  started(): void
  /** The memory is used no more: later reads and writes of it go nowhere. Doing so twice is allowed. */
  release(): void
}

/** Makes the segments of one engine, each with the same number of cells. */
export class SharedMemory {
  readonly #calls: Calls
  readonly #cells: number
  readonly #bytes: number
  /** Views of memory that no segment uses. */
  readonly #free: { readonly address: bigint; readonly buffer: ArrayBuffer }[] = []

  private constructor(calls: Calls, cells: number) {
    this.#calls = calls
    this.#cells = cells
    this.#bytes = segmentBytes(cells)
  }

  /** `cells`: of each ring, a power of two from 16 to 1,024. A text when this host cannot: why, with the fix. */
  static open(cells: number): SharedMemory | string {
    const calls = loadCalls()
    if (typeof calls === 'string') return calls
    const memory = new SharedMemory(calls, cells)
    try {
      const first = memory.make() // Seen to work before anybody counts on it.
      first.started()
      first.release()
    } catch (error) {
      return (error as Error).message
    }
    return memory
  }

  /** A segment that nobody else knows (rules `ring-segment`, `ring-segment-layout`). Throws the OS's error. */
  make(): OpenSegment {
    const calls = this.#calls
    const fd = calls.memfdCreate('millrace-ring', MFD_CLOEXEC | MFD_ALLOW_SEALING)
    if (fd === -1) throw new Error(`memfd_create failed: errno ${calls.errno()}`)
    let open = true
    const started = (): void => {
      if (open) closeSync(fd)
      open = false
    }
    try {
      if (calls.ftruncate(fd, this.#bytes) !== 0) throw new Error(`ftruncate failed: errno ${calls.errno()}`)
      if (calls.fcntl(fd, F_ADD_SEALS, 'int', SEALS) !== 0) throw new Error(`sealing failed: errno ${calls.errno()}`)
      const place = this.#free.pop() ?? this.#newPlace()
      this.#map(place.address, MAP_SHARED | MAP_FIXED, fd)
      const segment = new Segment(place.buffer)
      segment.format(this.#cells)
      let mapped = true
      const release = (): void => {
        if (!mapped) return
        mapped = false
        this.#map(place.address, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1)
        this.#free.push(place)
      }
      return { segment, cells: this.#cells, fd, started, release }
    } catch (error) {
      started()
      throw error
    }
  }

  #newPlace(): { readonly address: bigint; readonly buffer: ArrayBuffer } {
    const address = this.#map(null, MAP_PRIVATE | MAP_ANONYMOUS, -1)
    return { address, buffer: this.#calls.view(address, this.#bytes) }
  }

  #map(at: bigint | null, flags: number, fd: number): bigint {
    const address = this.#calls.mmap(at, this.#bytes, PROT_READ_WRITE, flags, fd, 0)
    if (BigInt.asIntN(64, address) === -1n) throw new Error(`mmap failed: errno ${this.#calls.errno()}`)
    return address
  }
}

let loaded: Calls | string | undefined

/** The calls, loaded once; or why they cannot be had, with the fix. */
function loadCalls(): Calls | string {
  loaded ??= bindCalls()
  return loaded
}

function bindCalls(): Calls | string {
  if (process.platform !== 'linux') return `rings need Linux, and this is ${process.platform}`
  const koffi = loadKoffi()
  if (typeof koffi === 'string') return koffi
  const libc = koffi.load(null)
  return {
    memfdCreate: libc.func('int memfd_create(const char *name, unsigned int flags)') as Calls['memfdCreate'],
    ftruncate: libc.func('int ftruncate(int fd, int64_t length)') as Calls['ftruncate'],
    fcntl: libc.func('int fcntl(int fd, int command, ...)') as Calls['fcntl'],
    mmap: libc.func(
      'void *mmap(void *address, size_t length, int protection, int flags, int fd, int64_t offset)',
    ) as Calls['mmap'],
    view: (address, length) => koffi.view(address, length),
    errno: () => koffi.errno(),
  }
}
