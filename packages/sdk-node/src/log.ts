import { MessageType } from '@millrace/protocol'
import { encodeBody, LogLevel, LogSchema, spanMessages } from '@millrace/protocol/cold'
import type { Channel } from './channel.ts'
import type { Logger } from './context.ts'
import { LOG_ATTRIBUTES_CHARS_MAX, LOG_MESSAGE_CHARS_MAX } from './limits.ts'
import type { ServedCall } from './served-call.ts'

/** As the lines on standard error have them, by their number in the protocol. */
const LEVEL_NAMES = Object.keys(LogLevel).map((name) => name.toLowerCase())

type Attributes = Readonly<Record<string, unknown>>

/** Sends log records as LOG messages, or without the feature `log` as lines on standard error. Never waits. */
export class WorkerLog {
  readonly #channel: Channel
  readonly #accepted: boolean
  readonly #say: (line: string) => void
  #dropped = 0

  constructor(channel: Channel, accepted: boolean, say: (line: string) => void) {
    this.#channel = channel
    this.#accepted = accepted
    this.#say = say
  }

  /** Records dropped because the channel was backed up, and not yet told. Unit: records. */
  get dropped(): number {
    return this.#dropped
  }

  /** `call`: the call it belongs to; undefined or ended: none. */
  write(level: LogLevel, message: string, attributes: Attributes | undefined, call: ServedCall | undefined): void {
    if (!this.#accepted) {
      this.#say(`${LEVEL_NAMES[level]} ${call?.fn.name ?? ''} ${message}${attributes ? ` ${json(attributes)}` : ''}`)
      return
    }
    if (this.#channel.high) {
      this.#dropped += 1
      return
    }
    if (this.#dropped > 0) {
      const dropped = this.#dropped
      this.#dropped = 0
      this.#send(LogLevel.WARN, 'log records were dropped: the channel was backed up', { dropped }, 0)
    }
    this.#send(level, message, attributes, call === undefined || call.ended ? 0 : call.id)
  }

  #send(level: LogLevel, message: string, attributes: Attributes | undefined, callId: number): void {
    const body = encodeBody(LogSchema, {
      level,
      message: message.slice(0, LOG_MESSAGE_CHARS_MAX),
      attributesJson: attributes === undefined ? '' : json(attributes),
    })
    const messages = spanMessages(MessageType.LOG, body, (writer) => {
      writer.callId = callId
    })
    this.#channel.sendMessages(messages)
  }
}

/** The log of one call. */
export class CallLog implements Logger {
  readonly #log: WorkerLog
  readonly #call: ServedCall

  constructor(log: WorkerLog, call: ServedCall) {
    this.#log = log
    this.#call = call
  }

  debug(message: string, attributes?: Attributes): void {
    this.#log.write(LogLevel.DEBUG, message, attributes, this.#call)
  }

  info(message: string, attributes?: Attributes): void {
    this.#log.write(LogLevel.INFO, message, attributes, this.#call)
  }

  warn(message: string, attributes?: Attributes): void {
    this.#log.write(LogLevel.WARN, message, attributes, this.#call)
  }

  error(message: string, attributes?: Attributes): void {
    this.#log.write(LogLevel.ERROR, message, attributes, this.#call)
  }
}

/** The attributes as a JSON object, or a note in their place: a log call never throws. */
function json(attributes: Attributes): string {
  try {
    const text = JSON.stringify(attributes, withErrors) ?? '{}'
    return text.length <= LOG_ATTRIBUTES_CHARS_MAX
      ? text
      : JSON.stringify({ attributesDropped: `${text.length} characters` })
  } catch (error) {
    return JSON.stringify({ attributesDropped: String(error) })
  }
}

/** Errors have no enumerable properties, and they are what one logs most. */
function withErrors(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  return value instanceof Error ? { name: value.name, message: value.message, stack: value.stack } : value
}
