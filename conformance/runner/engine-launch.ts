/** What an engine started a worker with, and which rules of the launch that breaks. */
import { existsSync } from 'node:fs'
import { SEGMENT_LAYOUT, SEGMENT_MAGIC, segmentBytes } from '@millrace/protocol'
import type { SegmentFacts } from './segment-file.ts'

/** What a scripted worker's process tells of its launch. */
export interface Launch {
  readonly program: string
  readonly pid: number
  readonly group: number
  readonly in: string
  readonly out: string
  /** Its payload directory; undefined: it was given none. */
  readonly payloads?: string
  readonly token: string
  /** The number of the descriptor of its segment; undefined: it was given none. */
  readonly ring?: string
  /** What that descriptor leads to. The runner adds it. */
  readonly segment?: SegmentFacts | undefined
  readonly directoryMode: number
  readonly directoryIsOurs: boolean
  readonly stdinBytes: number
}

/** What is wrong with a launch by this rule, in words; undefined: nothing. `all`: those of the case. `printed`: by the engine. */
export function launchFault(rule: string, launch: Launch, all: readonly Launch[], printed: string): string | undefined {
  switch (rule) {
    case 'channel-directory':
      return launch.directoryMode === 0o700 && launch.directoryIsOurs
        ? undefined
        : `the directory of ${launch.in} has mode ${launch.directoryMode.toString(8)}`
    case 'channel-process-group':
      return launch.group === launch.pid ? undefined : `the process group is ${launch.group}, the process ${launch.pid}`
    case 'stdio-input-empty':
      return launch.stdinBytes === 0 ? undefined : `standard input has ${launch.stdinBytes} bytes`
    case 'channel-unlinked': {
      const left = [launch.in, launch.out].filter((path) => existsSync(path))
      return left.length === 0 ? undefined : `after WELCOME ${left.join(' and ')} still exist`
    }
    case 'handshake-token-fresh':
      if (!/^[\x20-\x7e]{1,256}$/.test(launch.token)) return 'the token is not 1 to 256 bytes of printable ASCII'
      return isFresh(all.map((one) => one.token)) ? undefined : 'two launches have one token'
    case 'token-secret':
      return printed.includes(launch.token) ? 'the token is in what the engine prints' : undefined
    case 'channel-fifos-fresh':
      return isFresh(all.flatMap((one) => [one.in, one.out])) ? undefined : 'two workers have one path'
    case 'ring-segment':
    case 'ring-segment-layout':
    case 'ring-segment-fresh':
      return segmentFault(rule, launch, all)
    default:
      throw new Error(`no launch can be judged by ${rule}`)
  }
}

function segmentFault(rule: string, { ring, segment }: Launch, all: readonly Launch[]): string | undefined {
  if (ring === undefined) return 'the worker has no variable MILLRACE_RING'
  if (segment === undefined) return `MILLRACE_RING is ${ring}, which is the number of no segment`
  if (rule === 'ring-segment') return segment.isSealed ? undefined : 'the segment lacks one of the three seals'
  if (rule === 'ring-segment-fresh') {
    return isFresh(all.map((one) => one.segment?.inode)) ? undefined : 'two launches have one segment'
  }
  const { magic, layout, cells, bytes } = segment
  const isRight =
    magic === SEGMENT_MAGIC &&
    layout === SEGMENT_LAYOUT &&
    [16, 32, 64, 128, 256, 512, 1_024].includes(cells) &&
    bytes === segmentBytes(cells)
  return isRight ? undefined : `the segment says ${magic}, layout ${layout}, ${cells} cells, and has ${bytes} bytes`
}

function isFresh(values: readonly unknown[]): boolean {
  return new Set(values).size === values.length
}
