/** Steps about rings: what goes by which way, what lies in the segment, and how often WAKE comes. */
import type { MessageForm } from './case-types.ts'
import { CaseFailure, Inconclusive } from './failure.ts'
import { makeMessage } from './messages.ts'
import type { Rings, WakeMode, WordName } from './rings.ts'
import type { StepContext } from './step-context.ts'

/** Between two looks at memory that somebody else changes. Unit: milliseconds. */
const LOOK_MS = 2

/** A number, or so much above another word as it is now. */
type WordForm = number | { readonly of: WordName; readonly plus: number }
type WordsForm = Readonly<Partial<Record<WordName, WordForm>>>

export interface PublishForm {
  readonly messages: readonly MessageForm[]
  /** Default `due`. */
  readonly wake?: WakeMode
}

/** Puts messages into the ring in one go, also before ATTACHED. */
export async function publish(form: PublishForm, { session, values }: StepContext): Promise<void> {
  ringsOf(session.link)
  const bytes = Buffer.concat(form.messages.map((one) => makeMessage(one, session, values)))
  await session.sendBy('ring', bytes, form.wake)
}

/** Sends a message by the pipe, also after ATTACHED. The first ATTACHED is the runner's own. */
export async function byPipe(form: MessageForm, { session, values }: StepContext): Promise<void> {
  ringsOf(session.link)
  if (form.type === 'ATTACHED' && !session.attached) await session.attach()
  else await session.sendBy('pipe', makeMessage(form, session, values))
}

export interface SegmentStepForm {
  readonly set?: WordsForm
  /** A message in the next cell that is not published. */
  readonly cell?: MessageForm
  /** Random bytes everywhere. */
  readonly random?: true
  /** WAKE follows by the pipe. */
  readonly wake?: true
}

/** Writes into the segment past the rings, as only a side out of its mind does. */
export async function writeSegment(form: SegmentStepForm, context: StepContext): Promise<void> {
  const { session, values } = context
  const rings = ringsOf(session.link)
  if (session.link.isDeaf) return // A mutant lets this pass as if it had not been written.
  for (const [name, value] of Object.entries(form.set ?? {})) {
    rings.set(name as WordName, wordOf(value as WordForm, rings))
  }
  if (form.cell !== undefined) rings.fillCell(makeMessage(form.cell, session, values))
  if (form.random === true) rings.scribble(values.random)
  if (form.wake === true) await session.sendBy('pipe', makeMessage({ type: 'WAKE' }, session, values))
}

export interface ExpectSegmentForm {
  readonly words: WordsForm
  /** It must be so at once, and not within the runner's patience. */
  readonly now?: true
  readonly rule?: string
}

/** What the words of the segment are. */
export async function expectSegment(form: ExpectSegmentForm, context: StepContext): Promise<void> {
  const rings = ringsOf(context.session.link)
  const differs = (): string | undefined => {
    rings.judge()
    const words = rings.words()
    const wrong = (Object.entries(form.words) as [WordName, WordForm][]).find(
      ([name, wanted]) => words[name] !== wordOf(wanted, rings) >>> 0,
    )
    if (wrong === undefined) return undefined
    return `${wrong[0]} of the segment is ${words[wrong[0]]}, wanted ${wordOf(wrong[1], rings) >>> 0}`
  }
  await lookUntil(differs, form, context, form.now === true ? 0 : context.stage.patienceMs)
}

export interface ExpectWakesForm {
  /** WAKEs since the last such step. Default: however many there were. */
  readonly count?: number
  readonly rule?: string
}

/** How many WAKEs have come since the last such step: that many, and what lies in the pipe now is no more. */
export async function expectWakes(form: ExpectWakesForm, context: StepContext): Promise<void> {
  const { link } = context.session
  const rings = ringsOf(link)
  const { count } = form
  if (count !== undefined) {
    const fewer = (): string | undefined =>
      rings.wakes < count ? `${rings.wakes} WAKEs came, wanted ${count}` : undefined
    await lookUntil(fewer, form, context, context.stage.patienceMs, 'no-message')
  }
  link.readOn()
  if (count !== undefined && rings.wakes > count) {
    throw new CaseFailure(context.rule(form), 'unexpected-message', `${rings.wakes} WAKEs came, wanted ${count}`)
  }
  rings.wakes = 0
}

/** Looks again and again until nothing is wrong. */
async function lookUntil(
  wrong: () => string | undefined,
  form: { readonly rule?: string },
  context: StepContext,
  withinMs: number,
  code: 'wrong-segment' | 'no-message' = 'wrong-segment',
): Promise<void> {
  const until = performance.now() + withinMs
  let what = wrong()
  while (what !== undefined && performance.now() < until && context.session.fault === undefined) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    what = wrong()
  }
  if (context.session.fault !== undefined) throw context.session.fault
  if (what !== undefined) throw new CaseFailure(context.rule(form), code, what)
  context.assert()
}

function wordOf(form: WordForm, rings: Rings): number {
  return typeof form === 'number' ? form : rings.words()[form.of] + form.plus
}

function ringsOf(link: { readonly rings: Rings | undefined }): Rings {
  if (link.rings === undefined) throw new Inconclusive('the worker has no rings, and the case is about them')
  return link.rings
}
