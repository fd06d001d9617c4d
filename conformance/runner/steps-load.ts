/** The steps `load` and `loaded`: a prewarmed worker gets the code of its fixture, and the ids. */
import { basename, dirname } from 'node:path'
import { MessageType } from '@millrace/protocol'
import { encodeBody, LoadedSchema, LoadSchema, spanMessages } from '@millrace/protocol/cold-protobuf'
import type { StepContext } from './step-context.ts'

export interface LoadForm {
  /** Names a file that does not exist. */
  readonly missing?: boolean
  /** Names the file by its base name, and its directory as `cwd`. */
  readonly in_directory?: boolean
  readonly env?: Readonly<Record<string, string>>
  /** A further variable whose value has so many letters. */
  readonly long_env?: number
  /** LOADs in one write. Default 1. */
  readonly times?: number
}

export interface LoadedForm {
  /** Functions to give ids to. Default: those of the worker's LOADED. */
  readonly functions?: readonly { readonly name: string; readonly id?: number }[]
  /** Default: as the worker said, up to 64. */
  readonly max_calls?: number
}

/** Calls at once that the runner gives a worker whose code was loaded, at most. */
const CALLS_MAX = 64

/** LOAD of the fixture's code. */
export function loadMessages(form: LoadForm, code: string, { session }: StepContext): Uint8Array {
  const { missing = false, in_directory: inDirectory = false, times = 1, long_env: letters } = form
  const path = missing ? `${code}.missing` : code
  const body = encodeBody(LoadSchema, {
    entry: inDirectory ? basename(path) : path,
    cwd: inDirectory ? dirname(path) : '',
    env: { ...form.env, ...(letters !== undefined && { MILLRACE_CONFORMANCE_LONG: 'l'.repeat(letters) }) },
  })
  const once = spanMessages(MessageType.LOAD, body, () => {})
  session.watch.loadsSent(times)
  return Buffer.concat(Array.from({ length: times }, () => once))
}

/** The engine's LOADED: random ids for the functions that the worker has loaded. */
export function loadedMessages(form: LoadedForm, { session, values }: StepContext): Uint8Array {
  const { loaded, hello } = session.watch
  const served: NonNullable<LoadedForm['functions']> =
    form.functions ?? loaded?.offers.map(({ name }) => ({ name })) ?? []
  const functions = served.map(({ name, id = values.random.between(1, 0xffff_ffff) }) => ({ name, id }))
  for (const { name, id } of functions) session.functions.set(name, id)
  const offered = loaded?.maxCalls || Math.max(1, hello?.maxCalls ?? 1)
  session.watch.idsGiven = true
  const maxCalls = form.max_calls ?? Math.min(CALLS_MAX, offered)
  return spanMessages(MessageType.LOADED, encodeBody(LoadedSchema, { functions, maxCalls }), () => {})
}
