/** What an exchange is made of. Types alone. */
import type { MessageView } from '@millrace/protocol'
import type { Call } from '../call/call.ts'
import type { PayloadDirectory } from '../world.ts'
import type { MadeCalls } from './made-calls.ts'

/** Where the internal calls of a worker enter. Given by the engine, so that this room imports nothing above it. */
export interface InnerDoor {
  /** INVOKE of a worker, checked by the channel's rules. `parent`: the open call that makes it, if it names one. */
  invoke(made: MadeCalls, view: MessageView, parent: Call | undefined): void
}

/** Counts the messages for calls that had ended. */
export interface LateCounter {
  messagesLate: number
}

/** What WELCOME settled for a channel, as the calls need it. */
export interface ExchangeTerms {
  /** Calls at once beyond which only internal ones are given to the worker. */
  readonly concurrency: number
  /** Calls that the worker takes at once. */
  readonly maxCalls: number
  readonly maxOpenInvokes: number
  readonly payloadBytesMax: number
  /** The functions of WELCOME: no others are called on this channel. Rule `welcome-functions`. */
  readonly functionIds: ReadonlySet<number>
  readonly streaming: boolean
  readonly internalCalls: boolean
  /** Where its payload files lie; undefined: `payload-file` was not accepted. */
  readonly payloads: PayloadDirectory | undefined
  /** Its other end is another engine, which tells of its workers and of itself: its failures pass as they are. Default false. */
  readonly relays?: boolean
  /** Bytes of payload files of the open calls that it makes. */
  readonly openFilesBytesMax: number
}
