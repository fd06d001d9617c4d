/** Steps about payload files: what lies in a worker's payload directory, and the messages that name it. */
import type { MessageView } from '@millrace/protocol'
import type { Bytes, ExpectForm, MessageForm } from './case-types.ts'
import { holdAgainst, sameBytes } from './expect.ts'
import { CaseFailure, Inconclusive } from './failure.ts'
import { makeMessage } from './messages.ts'
import { beside, type FileKind, fault, names, put, read, take } from './payload-directory.ts'
import { nextMessage, type StepContext } from './step-context.ts'

/** Between two looks at a directory that somebody else changes. Unit: milliseconds. */
const LOOK_MS = 5

interface PutForm {
  readonly name: string
  readonly body?: Bytes
  /** Default: a regular file. */
  readonly kind?: FileKind
}

type FileMessage = MessageForm & { readonly name: string; readonly kind?: FileKind }

/** Puts something into the payload directory. */
export async function putFile(form: PutForm & { on?: string }, context: StepContext): Promise<void> {
  put(directoryOf(form.on, context), form.name, context.values.bytes(form.body), form.kind ?? 'file')
}

/** A message with PAYLOAD_FILE, after the file that it names. The body of its call is the file's. */
export async function sendFile(type: 'INVOKE' | 'RESULT', form: FileMessage, context: StepContext): Promise<void> {
  const { session, values } = context
  const { name, kind = 'file', body, program, on, ...rest } = form
  const bytes = values.bytes(program === undefined ? body : { program })
  put(directoryOf(on as string | undefined, context), name, bytes, kind)
  const message = { type, flags: ['PAYLOAD_FILE'], payload_length: bytes.length, ...rest, body: name }
  await session.send(makeMessage(message, session, values))
  if (form.call !== undefined) values.setBytes(form.call, bytes)
}

/** The next message names a file, which is as the rules want it; the runner, its owner now, reads and removes it. */
export async function expectFile(form: ExpectForm & { on?: string }, context: StepContext): Promise<void> {
  const { session, values } = context
  const { body, on, as, ...rest } = form
  const rule = context.rule(form)
  const one = await nextMessage([rest], context, rule)
  holdAgainst(one, { flags: ['PAYLOAD_FILE'], ...rest }, rule, session, values)
  const bytes = takeFile(one.view, context, on)
  if (as !== undefined) values.setBytes(as, bytes)
  if (body !== undefined) sameBytes(bytes, values.bytes(body), rule, `the file of ${one.view.toString()}`)
  context.assert()
}

/** Takes the file that a message names out of the payload directory. Fails the case when it is not as the rules want it. */
export function takeFile(view: MessageView, context: StepContext, on?: string): Uint8Array {
  const directory = directoryOf(on, context)
  const name = Buffer.from(view.body).toString('latin1')
  const wrong = fault(directory, name, view.payloadLength)
  // Of an engine's message, a file that is not there was not moved there.
  const missing = context.session.role === 'worker' ? 'file-moved' : 'file-regular'
  if (wrong !== undefined) throw new CaseFailure(wrong.rule ?? missing, 'wrong-file', wrong.message)
  return take(directory, name)
}

interface FilesForm {
  readonly on?: string
  /** As many files at most. */
  readonly max?: number
  /** There is a file of this name, with this body. */
  readonly has?: string
  readonly body?: Bytes
  /** There is none of this name. */
  readonly not?: string
  /** The directory is not there any more. */
  readonly gone?: boolean
  /** Nothing lies beside the directory. */
  readonly alone?: boolean
  readonly rule?: string
}

/** What the payload directory holds, now or within the runner's patience. */
export async function expectFiles(form: FilesForm, context: StepContext): Promise<void> {
  const directory = directoryOf(form.on, context)
  const until = performance.now() + context.stage.patienceMs
  let wrong = whatIsWrong(form, directory, context)
  while (wrong !== undefined && performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    wrong = whatIsWrong(form, directory, context)
  }
  if (wrong !== undefined) throw new CaseFailure(context.rule(form), 'wrong-file', wrong)
  context.assert()
}

function whatIsWrong(form: FilesForm, directory: string, { values }: StepContext): string | undefined {
  const found = names(directory)
  if (form.gone === true) return found === undefined ? undefined : `${directory} is still there`
  if (found === undefined) return `${directory} is gone`
  if (form.max !== undefined && found.length > form.max) return `${directory} has ${found.length} files`
  if (form.not !== undefined && found.includes(form.not)) return `${directory} still has the file ${form.not}`
  if (form.alone === true && beside(directory).length > 1) {
    return `${beside(directory).length} directories lie above ${directory}`
  }
  if (form.has === undefined) return undefined
  const bytes = read(directory, form.has)
  if (bytes === undefined) return `${directory} has no file ${form.has}`
  const same = Buffer.compare(bytes, values.bytes(form.body)) === 0
  return same ? undefined : `the file ${form.has} has other bytes than before`
}

function directoryOf(on: string | undefined, { stage, session }: StepContext): string {
  const directory = stage.payloads(on ?? session.name)
  if (directory === undefined) throw new Inconclusive(`the worker ${on ?? session.name} has no payload directory`)
  return directory
}
