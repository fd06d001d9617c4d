/** One line for each call that ended: when, what, how, and where the time went. Pure. */
import type { CallRecord, LogRecord } from '../../options.ts'
import { timeText } from '../table.ts'
import type { Tint } from '../terminal.ts'

type Paint = (tint: Tint, text: string) => string

/** Function names are padded to this many columns, so that figures stand below one another. */
const NAME_COLUMNS = 16

/** The line of a call. `nowMs` is the wall clock at its end. Internal calls are indented by their depth. */
export function callLine(record: CallRecord, nowMs: number, tint: Paint): string {
  const { queueUs, runUs, totalUs } = record
  const restUs = Math.max(0, totalUs - queueUs - runUs)
  const name = `${'  '.repeat(record.depth)}${record.function}`.padEnd(NAME_COLUMNS)
  const ok = record.outcome === 'ok'
  const outcome = tint(ok ? 'green' : 'red', ok ? 'ok' : record.outcome)
  const split = tint('dim', `(queue ${timeText(queueUs)}, run ${timeText(runUs)}, rest ${timeText(restUs)})`)
  const why = record.message === '' ? '' : `  ${firstLine(record.message)}`
  return `${tint('dim', clock(nowMs))}  ${name}  ${outcome}  ${timeText(totalUs).padStart(7)}  ${split}${why}`
}

/** The line of a LOG record. */
export function logLine(record: LogRecord, tint: Paint): string {
  const tints = { debug: 'dim', info: 'cyan', warn: 'yellow', error: 'red' } as const
  const attributes = Object.entries(record.attributes).map(([key, value]) => `${key}=${JSON.stringify(value)}`)
  const words = [record.message, ...attributes].join(' ')
  const source = record.function === '' ? record.program : record.function
  return `${tint('cyan', `${source} |`)} ${tint(tints[record.level], record.level)}  ${words}`
}

/** The line of a worker's own output. */
export function outputLine(program: string, stream: 'stdout' | 'stderr', line: string, tint: Paint): string {
  return `${tint(stream === 'stderr' ? 'yellow' : 'cyan', `${program} |`)} ${line}`
}

/** `12:01:07.114`, local time. */
export function clock(ms: number): string {
  const date = new Date(ms)
  const two = (value: number) => String(value).padStart(2, '0')
  const millis = String(date.getMilliseconds()).padStart(3, '0')
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${millis}`
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]!
}
