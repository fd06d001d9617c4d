/** What a step of a case works with, and the one way to wait for a message. */
import type { Case, ExpectForm } from './case-types.ts'
import { CaseFailure } from './failure.ts'
import { typeNumber } from './messages.ts'
import type { Received, Session } from './session.ts'
import type { Values } from './values.ts'

/** What steps can do to the process beside its channel; what a side lacks, its cases do not use. */
export interface Stage {
  /** The session of a step; `name` undefined: the only one. */
  session(name: string | undefined): Session
  /** A step that is about processes and files. Returns false when it is none of its own. */
  step(name: string, operand: unknown, context: StepContext): Promise<boolean>
  /** The payload directory of a worker, as the runner finds it; undefined: it has none. */
  payloads(name: string): string | undefined
  /** How long to wait for what must come. Unit: milliseconds. */
  readonly patienceMs: number
}

export interface StepContext {
  readonly case: Case
  readonly values: Values
  readonly stage: Stage
  readonly session: Session
  /** Counts what was held against an expectation. */
  assert(): void
  /** The rule that a step names, or the case's first. */
  rule(form: { readonly rule?: string } | undefined): string
}

/** The next message; fails when none comes or the channel ends. */
export async function nextMessage(forms: readonly ExpectForm[], context: StepContext, rule: string): Promise<Received> {
  const wanted = new Set(forms.map((form) => (form.type === undefined ? -1 : typeNumber(form.type))))
  const one = await context.session.next(wanted, context.stage.patienceMs)
  const what = forms.map((form) => form.type ?? 'a message').join(' or ')
  if (one === 'end') throw new CaseFailure(rule, 'channel-ended', `wanted ${what}; the channel ended`)
  if (one === undefined) {
    throw new CaseFailure(rule, 'no-message', `wanted ${what}; nothing came within ${context.stage.patienceMs} ms`)
  }
  return one
}
