/** Runs the steps of a case, one after the other, on its sessions. */
import { MessageType } from '@millrace/protocol'
import type { Bytes, Case, ExpectForm, MessageForm, Step } from './case-types.ts'
import { describe, holdAgainst, isAbout, sameBytes } from './expect.ts'
import { CaseFailure } from './failure.ts'
import { makeMessage } from './messages.ts'
import { type Received, typeName } from './session.ts'
import { nextMessage, type Stage, type StepContext } from './step-context.ts'
import { expectFile, expectFiles, putFile, sendFile } from './steps-file.ts'
import { collect, collectInput, flood, streamInput, streamOutput } from './steps-payload.ts'
import { byPipe, expectSegment, expectWakes, publish, writeSegment } from './steps-ring.ts'
import type { Values } from './values.ts'

/** Counts the assertions of a run of a case. */
export class StepRunner {
  readonly #case: Case
  readonly #values: Values
  readonly #stage: Stage
  assertions = 0

  constructor(one: Case, values: Values, stage: Stage) {
    this.#case = one
    this.#values = values
    this.#stage = stage
  }

  async run(steps: readonly Step[]): Promise<void> {
    for (const [index, step] of steps.entries()) {
      // What comes before an `expect-breach` breaks a rule on purpose.
      const next = steps[index + 1]?.['expect-breach'] as { on?: string } | undefined
      if (next !== undefined) this.#stage.session(next.on).watch.provoked = true
      await this.#step(step)
    }
  }

  async #step(step: Step): Promise<void> {
    const [name, operand] = Object.entries(step).find(([key]) => key !== 'on')!
    if (name === 'repeat') {
      const { times, as, steps } = operand as { times: number; as?: string; steps: Step[] }
      for (let i = 0; i < times; i += 1) await this.run(withIndex(steps, as ?? 'i', i))
      return
    }
    const own = (Array.isArray(operand) ? operand[0] : (operand as { on?: string } | null))?.on as string | undefined
    const context: StepContext = {
      case: this.#case,
      values: this.#values,
      stage: this.#stage,
      // One that is waited for has no session yet.
      session: this.#stage.session(name === 'launched' || name === 'handshake' ? undefined : (step.on ?? own)),
      assert: () => {
        this.assertions += 1
      },
      rule: (form) => form?.rule ?? this.#case.rules[0]!,
    }
    if (await this.#stage.step(name, operand, context)) return
    const run = STEPS[name]
    if (run === undefined) throw new Error(`there is no step ${name}`)
    await run(operand as never, context)
  }
}

/** Replaces `{i}` in every text by the number of the round. */
function withIndex(steps: Step[], name: string, index: number): Step[] {
  return JSON.parse(JSON.stringify(steps).replaceAll(`{${name}}`, String(index))) as Step[]
}

type StepFunction = (operand: never, context: StepContext) => Promise<void>

const STEPS: Readonly<Record<string, StepFunction>> = {
  send: async (form: MessageForm | readonly MessageForm[], { session, values }: StepContext) => {
    const list = Array.isArray(form) ? (form as MessageForm[]) : [form as MessageForm]
    const bytes = Buffer.concat(list.map((one) => makeMessage(one, session, values)))
    const chunks = list[0]?.chunks as number[] | undefined
    await session.send(bytes, chunks)
  },
  invoke: async (form: MessageForm, { session, values }: StepContext) => {
    await session.send(makeMessage({ type: 'INVOKE', ...form }, session, values), form.chunks as number[] | undefined)
  },
  'send-split': async (form: { at: number; message: MessageForm; rule?: string }, context: StepContext) => {
    const { session, values } = context
    const nonce = values.random.u32()
    const ping = makeMessage({ type: 'PING', nonce }, session, values)
    const whole = Buffer.concat([ping, makeMessage(form.message, session, values)])
    // One write, small enough to be read at once: when the PONG comes the first part has been read, too.
    await session.sendPart(whole.subarray(0, ping.length + form.at), whole)
    await expectOne({ type: 'PONG', nonce, ...(form.rule !== undefined && { rule: form.rule }) }, context)
    await session.sendPart(whole.subarray(ping.length + form.at), undefined)
  },
  expect: async (form: ExpectForm, context: StepContext) => {
    await expectOne(form, context)
  },
  'expect-any-order': async (forms: readonly ExpectForm[], context: StepContext) => {
    const open = [...forms]
    while (open.length > 0) {
      const one = await nextMessage(open, context, context.rule(open[0]))
      const at = open.findIndex((form) => isAbout(one, form, context.values))
      const form = open[at]
      if (form === undefined) {
        throw new CaseFailure(
          context.rule(open[0]),
          'wrong-type',
          `wanted one of ${JSON.stringify(open)}, got ${describe(one)}`,
        )
      }
      open.splice(at, 1)
      holdAgainst(one, form, context.rule(form), context.session, context.values)
      context.assert()
    }
  },
  result: async (form: ExpectForm, context: StepContext) => {
    await expectOne({ type: 'RESULT', flags: [], ...form }, context)
  },
  error: async (form: ExpectForm & { reason?: unknown; code?: string }, context: StepContext) => {
    const { reason, code, retry, message, ...rest } = form
    const proto = {
      ...(reason !== undefined && { reason }),
      ...(code !== undefined && { code }),
      ...(retry !== undefined && { retry }),
      ...(message !== undefined && { message }),
    }
    await expectOne({ type: 'ERROR', ...rest, ...(Object.keys(proto).length > 0 && { proto }) }, context)
  },
  collect,
  'collect-input': collectInput,
  'stream-input': streamInput,
  'stream-output': streamOutput,
  flood,
  'put-file': putFile,
  'invoke-file': async (form: never, context: StepContext) => await sendFile('INVOKE', form, context),
  'result-file': async (form: never, context: StepContext) => await sendFile('RESULT', form, context),
  'expect-file': expectFile,
  'expect-files': expectFiles,
  publish,
  pipe: byPipe,
  segment: writeSegment,
  'expect-segment': expectSegment,
  'expect-wakes': expectWakes,
  barrier: async (form: BarrierForm | null, context: StepContext) => {
    await barrier(form ?? {}, context)
  },
  'expect-none': async (form: { within_ms: number; rule?: string }, context: StepContext) => {
    await barrier(form, context)
    const rule = context.rule(form)
    const one = await context.session.next(new Set(), form.within_ms)
    if (one === 'end') throw new CaseFailure(rule, 'channel-ended', 'the channel ended')
    if (one !== undefined) throw new CaseFailure(rule, 'unexpected-message', `nothing may come, got ${describe(one)}`)
    context.assert()
  },
  'expect-silence': async (form: { within_ms: number; rule?: string }, context: StepContext) => {
    const one = await context.session.next(new Set(), form.within_ms)
    const rule = context.rule(form)
    if (one === 'end') throw new CaseFailure(rule, 'channel-ended', 'the channel ended')
    if (one !== undefined) throw new CaseFailure(rule, 'unexpected-message', `nothing may come, got ${describe(one)}`)
    context.assert()
  },
  final: async ({ call, ...form }: FinalForm & { call: string }, context: StepContext) => {
    await finals([call], form, context)
  },
  finals: async ({ calls, ...form }: FinalForm & { calls: readonly string[] }, context: StepContext) => {
    await finals(calls, form, context)
  },
  'expect-end': async (form: { rule?: string } | null, context: StepContext) => {
    const rule = context.rule(form ?? {})
    const one = await context.session.next(new Set(), context.stage.patienceMs)
    if (one === undefined) throw new CaseFailure(rule, 'no-end', 'the channel did not end')
    if (one !== 'end') throw new CaseFailure(rule, 'unexpected-message', `wanted the end, got ${describe(one)}`)
    context.assert()
  },
  'same-bytes': async (form: { got: string; wanted: Bytes; rule?: string }, context: StepContext) => {
    sameBytes(context.values.named(form.got), context.values.bytes(form.wanted), context.rule(form), form.got)
    context.assert()
  },
  different: async (form: { names: readonly string[]; rule?: string }, context: StepContext) => {
    const texts = form.names.map((name) => Buffer.from(context.values.named(name)).toString('hex'))
    if (new Set(texts).size < texts.length) {
      throw new CaseFailure(context.rule(form), 'wrong-body', `${form.names.join(', ')} are not all different`)
    }
    context.assert()
  },
}

interface FinalForm {
  /** Statuses that an ERROR may have. Default: any. */
  readonly statuses?: readonly number[]
  /** Types that may come before, and are not looked at. */
  readonly pass?: readonly string[]
  readonly rule?: string
}

/** One final message for each of these calls, in any order. */
async function finals(calls: readonly string[], form: FinalForm, context: StepContext): Promise<void> {
  const rule = context.rule(form)
  const open = new Map(calls.map((name) => [context.values.number(`$${name}`), name]))
  while (open.size > 0) {
    const one = await nextMessage([{ type: 'RESULT' }, { type: 'ERROR' }], context, rule)
    if (form.pass?.includes(typeName(one.view.type))) continue
    const { type, status, callId, more } = one.view
    const right =
      (type === MessageType.RESULT && !more) ||
      (type === MessageType.ERROR && (form.statuses?.includes(status) ?? true))
    if (!right) {
      const wanted = `RESULT or ERROR${form.statuses === undefined ? '' : ` with status ${form.statuses.join(' or ')}`}`
      throw new CaseFailure(rule, 'wrong-type', `wanted ${wanted}, got ${describe(one)}`)
    }
    if (!open.delete(callId)) {
      throw new CaseFailure(
        rule,
        'wrong-call',
        `wanted the final message of ${[...open.values()].join(' or ')}, got ${describe(one)}`,
      )
    }
    context.assert()
  }
}

/** Takes the next message and holds it against a form. */
export async function expectOne(form: ExpectForm, context: StepContext): Promise<Received> {
  const rule = context.rule(form)
  const one = await nextMessage([form], context, rule)
  holdAgainst(one, form, rule, context.session, context.values)
  context.assert()
  return one
}

interface BarrierForm {
  /** What PONG must say. */
  readonly open_calls?: number
  /** Types that may come before the PONG, and are not looked at. */
  readonly pass?: readonly string[]
  readonly rule?: string
}

/** PING, and its PONG as the next message: what came before has had its effect. */
async function barrier(form: BarrierForm, context: StepContext): Promise<void> {
  const nonce = context.values.random.u32()
  await context.session.sendNow(MessageType.PING, (writer) => {
    writer.nonce = nonce
  })
  const rule = context.rule(form)
  let one = await nextMessage([{ type: 'PONG' }], context, rule)
  while (form.pass?.includes(typeName(one.view.type))) one = await nextMessage([{ type: 'PONG' }], context, rule)
  if (one.view.type !== MessageType.PONG) {
    throw new CaseFailure(rule, 'unexpected-message', `nothing may come before the PONG, got ${describe(one)}`)
  }
  const { open_calls: open } = form
  if (open !== undefined && one.view.openCalls !== open) {
    throw new CaseFailure(
      'pong-open-calls',
      'wrong-field',
      `${typeName(one.view.type)} says ${one.view.openCalls} open calls, wanted ${open}`,
    )
  }
  context.assert()
}
