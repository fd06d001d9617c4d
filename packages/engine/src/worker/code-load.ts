/** LOAD and LOADED: what a prewarmed worker is told to run, and what it says it serves. Pure. */
import { COLD_MESSAGE_BYTES_MAX, MessageType, type Verdict } from '@millrace/protocol'
import {
  decodeBody,
  encodeBody,
  type Failure,
  failure,
  LoadedSchema,
  LoadSchema,
  spanMessages,
} from '@millrace/protocol/cold'
import { WORKER_CALLS_MAX } from '../base/limits.ts'
import { judgeOffers, type Refusal, type Terms } from './handshake.ts'

/** The code that a prewarmed worker is to load. */
export interface ProgramCode {
  /** Name of the program; from LOAD on it is the worker's. */
  readonly program: string
  /** Path of the file, as the worker sees it; a relative one counts from `cwd`. */
  readonly entry: string
  /** Export or symbol to serve. Default: all that the file defines. */
  readonly handler?: string | undefined
  /** Name to serve that handler under. Default: its own. */
  readonly function?: string | undefined
  /** Directory to change to first. Default: where the worker was started. */
  readonly cwd?: string | undefined
  /** Variables to set first; with the rest of LOAD at most 64 KiB. */
  readonly env: Readonly<Record<string, string>>
  /** Functions that the code must serve; undefined: any, but at least one. */
  readonly wanted: readonly string[] | undefined
}

/** The messages of LOAD, or why it can't be sent. */
export function loadMessages(code: ProgramCode): Uint8Array | Failure {
  const { entry, handler = '', function: name = '', cwd = '', env } = code
  const body = encodeBody(LoadSchema, { entry, handler, function: name, cwd, env: { ...env } })
  if (body.length <= COLD_MESSAGE_BYTES_MAX) return spanMessages(MessageType.LOAD, body, () => {})
  const text = `LOAD of ${entry} has ${body.length} bytes, above ${COLD_MESSAGE_BYTES_MAX}: give the program fewer or shorter variables`
  return failure('load_failed', text)
}

/**
 * Judges the joined body of the worker's LOADED, which has this status. Returns the terms from now on; a refusal when the
 * code is not what was wanted, by the rules of HELLO; or the rule broken.
 */
export function judgeLoaded(
  body: Uint8Array,
  status: number,
  before: Terms,
  code: ProgramCode,
): Terms | Refusal | Verdict {
  const loaded = decodeBody(LoadedSchema, body)
  if (loaded === undefined) return { rule: 'cold-body', message: 'LOADED holds no protobuf Loaded' }
  if (status !== 0) {
    const words = loaded.failure?.message ?? ''
    const message = words === '' ? `the worker could not load ${code.entry}, and does not say why` : words
    return { reason: 'load_failed', rule: '', message }
  }
  const refusal = judgeOffers(loaded.offers, code.wanted, 'LOADED')
  if (refusal !== undefined) return refusal
  const maxCalls = loaded.maxCalls === 0 ? before.maxCalls : Math.min(loaded.maxCalls, WORKER_CALLS_MAX)
  return { ...before, functions: loaded.offers.map(({ name, timeoutUs }) => ({ name, timeoutUs })), maxCalls }
}

/** The messages of the engine's LOADED. Rules `load-ids` and `loaded-max-calls`. */
export function loadedMessages(functions: readonly { name: string; id: number }[], maxCalls: number): Uint8Array {
  const body = encodeBody(LoadedSchema, { functions: [...functions], maxCalls })
  return spanMessages(MessageType.LOADED, body, () => {})
}
