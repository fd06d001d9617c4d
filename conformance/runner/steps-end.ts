/** Steps about the end of a channel that both sides share. */
import { MessageType, Status } from '@millrace/protocol'
import { decodePrefixed, GoodbyeSchema, Reason } from '@millrace/protocol/cold-protobuf'
import { describe } from './expect.ts'
import { CaseFailure } from './failure.ts'
import { typeName } from './session.ts'
import type { StepContext } from './step-context.ts'

/** The rule, or several of which one will do; `pass`: types that may come before the GOODBYE. */
export type BreachForm =
  | string
  | readonly string[]
  | { readonly rule: string | readonly string[]; readonly pass?: readonly string[] }

/**
 * GOODBYE with reason `protocol_error` and this rule, or one of these, and then the end of the stream. What the side
 * under test does instead is what breaks the rule.
 */
export async function expectBreach(form: BreachForm, context: StepContext): Promise<void> {
  const { rule, pass = [] } = typeof form === 'object' && 'rule' in form ? form : { rule: form }
  const wanted = typeof rule === 'string' ? [rule] : rule
  const { session, stage } = context
  const first = wanted[0]!
  let one = await session.next(new Set(), stage.patienceMs)
  while (typeof one === 'object' && pass.includes(typeName(one.view.type))) {
    one = await session.next(new Set(), stage.patienceMs)
  }
  if (one === undefined) throw new CaseFailure(first, 'no-message', 'wanted GOODBYE; nothing came')
  if (one === 'end') throw new CaseFailure('channel-breach-ends', 'channel-ended', 'the channel ended without GOODBYE')
  if (one.view.type !== MessageType.GOODBYE) {
    throw new CaseFailure(first, 'wrong-type', `wanted GOODBYE, got ${describe(one)}`)
  }
  const goodbye = decodePrefixed(GoodbyeSchema, one.body)!
  if (goodbye.reason !== Reason.PROTOCOL_ERROR || one.view.status !== Status.INTERNAL) {
    throw new CaseFailure('channel-breach-ends', 'wrong-field', `GOODBYE has another reason: ${describe(one)}`)
  }
  if (!wanted.includes(goodbye.rule)) {
    throw new CaseFailure(
      first,
      'wrong-body',
      `GOODBYE names the rule ${goodbye.rule || 'none'}, wanted ${wanted.join(' or ')}: ${goodbye.message}`,
    )
  }
  const end = await session.next(new Set(), stage.patienceMs)
  if (end === undefined) throw new CaseFailure('channel-breach-ends', 'no-end', 'the stream did not end after GOODBYE')
  if (end !== 'end') throw new CaseFailure('goodbye-last', 'unexpected-message', `${describe(end)} came after GOODBYE`)
  context.assert()
}
