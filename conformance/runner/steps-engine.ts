/** Steps that only an engine case has: several workers at once. */
import { MessageType } from '@millrace/protocol'
import type { EngineStage } from './engine-stage.ts'
import { describe } from './expect.ts'
import { CaseFailure } from './failure.ts'
import { makeMessage, typeNumber } from './messages.ts'
import { nextMessage, type StepContext } from './step-context.ts'
import { expectOne } from './steps.ts'
import { collect, collectInput, streamInput, streamOutput } from './steps-payload.ts'

/** Runs a step that is about several workers. False: it is none of these. */
export async function engineStep(
  stage: EngineStage,
  name: string,
  form: Readonly<Record<string, unknown>>,
  context: StepContext,
): Promise<boolean> {
  const at = (worker: unknown): StepContext => ({ ...context, session: stage.session(String(worker)) })
  switch (name) {
    case 'either':
      await either(stage, form, context)
      return true
    case 'nest':
      await nest(form, at(form.on))
      return true
    case 'input-through': {
      const { from, to, call, callee, function: fn, bytes } = form as Readonly<Record<string, string>>
      const input = context.values.random.bytes(Number(bytes))
      context.values.setBytes('through', input)
      await bothEnds(
        streamInput({ call: call!, function: fn!, body: { 'same-as': 'through' }, announce: false }, at(from)),
        expectOne({ type: 'INVOKE', call: callee!, flags: ['MORE'] }, at(to)).then(() =>
          collectInput({ call: callee!, body: { 'same-as': 'through' } }, at(to)),
        ),
      )
      return true
    }
    case 'output-through': {
      const { from, to, call, caller, bytes } = form as Readonly<Record<string, string>>
      context.values.setBytes('through', context.values.random.bytes(Number(bytes)))
      await bothEnds(
        streamOutput({ call: call!, body: { 'same-as': 'through' }, announce: false }, at(from)),
        collect({ call: caller!, body: { 'same-as': 'through' } }, at(to)),
      )
      return true
    }
    case 'expect-no-window': {
      const own = at(form.on)
      const state = own.session.watch.calls.calls.get(context.values.number(`$${String(form.call)}`))!
      if (state.output.credit > 0) {
        throw new CaseFailure(
          context.rule(form),
          'unexpected-message',
          `WINDOW granted ${state.output.credit} for ${String(form.call)}`,
        )
      }
      context.assert()
      return true
    }
    default:
      return false
  }
}

/** Waits until one of these workers has a message of that type first, and names that worker. */
async function either(
  stage: EngineStage,
  form: Readonly<Record<string, unknown>>,
  context: StepContext,
): Promise<void> {
  const names = form.of as string[]
  const type = typeNumber(String(form.first))
  const has = (name: string): boolean => stage.session(name).waiting.some((one) => one.view.type === type)
  const until = performance.now() + stage.patienceMs
  while (!names.some(has)) {
    const left = until - performance.now()
    if (left <= 0) {
      throw new CaseFailure(context.rule(form), 'no-message', `none of ${names.join(', ')} got ${String(form.first)}`)
    }
    // Whichever of them hears something first.
    await Promise.race(names.map((name) => stage.session(name).until(() => has(name), left)))
  }
  const name = names.find(has)!
  const one = stage.session(name).take((waiting) => waiting.view.type === type)!
  if (form.attempt !== undefined && one.view.attempt !== form.attempt) {
    throw new CaseFailure(
      context.rule(form),
      'wrong-field',
      `attempt of ${one.view.toString()}: wanted ${String(form.attempt)}, got ${one.view.attempt}`,
    )
  }
  context.values.setNumber(String(form.call), one.view.callId)
  stage.aliases.set(String(form.as), name)
  context.assert()
}

/** A function that calls itself: each call one deeper, until the engine refuses with `depth_exceeded`. */
async function nest(form: Readonly<Record<string, unknown>>, context: StepContext): Promise<void> {
  const { session, values } = context
  const max = session.watch.welcome!.limits!.maxDepth
  let parent = String(form.first)
  for (let depth = 1; depth <= max + 1; depth += 1) {
    const [call, next] = [`nest-call-${depth}`, `nest-${depth}`]
    await session.send(
      makeMessage({ type: 'INVOKE', call, function: String(form.function), parent, body: 'x' }, session, values),
    )
    const one = await nextMessage([{ type: 'INVOKE' }, { type: 'ERROR' }], context, 'depth-exceeded')
    if (depth <= max) {
      if (one.view.type !== MessageType.INVOKE || one.view.depth !== depth) {
        throw new CaseFailure(
          'internal-depth',
          'wrong-field',
          `wanted INVOKE with depth ${depth}, got ${describe(one)}`,
        )
      }
      values.setNumber(next, one.view.callId)
      parent = next
      context.assert()
    } else if (one.view.type !== MessageType.ERROR || one.view.status !== 9) {
      throw new CaseFailure(
        'depth-exceeded',
        'wrong-type',
        `wanted ERROR depth_exceeded beyond depth ${max}, got ${describe(one)}`,
      )
    }
  }
  context.assert()
}

/**
 * Both ends of a payload at once. When it stops, the sender may wait for credit while the receiver waits for DATA, and which
 * wait ends first is chance: what the receiver lacks is the cause, so that is told.
 */
async function bothEnds(sending: Promise<unknown>, receiving: Promise<unknown>): Promise<void> {
  const lacking = receiving.then(
    () => undefined,
    (error: unknown) => error,
  )
  try {
    await Promise.all([sending, receiving])
  } catch (error) {
    const starved = error instanceof CaseFailure && error.code === 'no-message' ? await lacking : undefined
    throw starved ?? error
  }
}
