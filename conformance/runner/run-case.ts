/** Runs one case against one worker and says what came of it. */
import type { Case, Step } from './case-types.ts'
import { CaseFailure, type FailureCode, Inconclusive } from './failure.ts'
import { Random } from './random.ts'
import { isAbsolute } from './rules.ts'
import { StepRunner } from './steps.ts'
import type { TranscriptEntry } from './transcript.ts'
import { Values } from './values.ts'
import { WorkerStage, type WorkerUnderTest } from './worker-stage.ts'

export type Verdict = 'pass' | 'fail' | 'expected-fail' | 'unexpected-pass' | 'not-applicable' | 'inconclusive'

export interface Finding {
  readonly rule: string
  readonly code: FailureCode
  readonly message: string
}

/** What came of one run of one case. */
export interface Outcome {
  readonly case: Case
  readonly verdict: Verdict
  /** A failure of rules that are not absolute: a warning. */
  readonly warning: boolean
  readonly failure?: Finding
  /** Why it was inconclusive or not applicable. */
  readonly reason?: string
  readonly assertions: number
  readonly ms: number
  readonly transcript: readonly TranscriptEntry[]
  /** End of the standard error of the side under test. */
  readonly stderr: string
  /** Cases that ran on the same process before. */
  readonly after: readonly string[]
}

/** Steps after which a process serves no other case. */
const SPOILING: ReadonlySet<string> = new Set([
  'welcome',
  'close-in',
  'close-out',
  'signal',
  'expect-breach',
  'expect-exit',
  'expect-output',
  'expect-end',
  'expect-children',
  'pause-reading',
])

/** Whether a case leaves the worker as it found it, so that the next one can have it. */
export function isClean(one: Case): boolean {
  const { handshake, welcome, launch, names, resolve } = one
  if ([handshake, welcome, launch, names, resolve].some((own) => own !== undefined)) return false
  return (
    !someStep(one.steps, (name) => SPOILING.has(name)) &&
    !/"type":"(DRAIN|GOODBYE)"|"call_id":\d{5}/.test(JSON.stringify(one.steps))
  )
}

/** Whether a case is about bytes in a pipe, which rings do not have as they hold whole messages, or about not having rings. */
function isAboutPipes(one: Case): boolean {
  return /"chunks"|"close-out"|"send-split"|"cut"|"shm-ring"|"MILLRACE_RING"/.test(
    JSON.stringify([one.launch ?? {}, one.welcome ?? {}, one.steps]),
  )
}

function someStep(steps: readonly Step[], test: (name: string) => boolean): boolean {
  return steps.some((step) => {
    const [name, operand] = Object.entries(step).find(([key]) => key !== 'on')!
    return test(name) || (name === 'repeat' && someStep((operand as { steps: Step[] }).steps, test))
  })
}

/** Runs cases on worker processes, keeping one that is clean for the next case. */
export class WorkerRunner {
  readonly #worker: WorkerUnderTest
  readonly #seed: number
  #kept: WorkerStage | undefined
  /** It was given a segment and does not offer rings: nor will it in the other cases that give it one. */
  #hasNoRings = false

  constructor(worker: WorkerUnderTest, seed: number) {
    this.#worker = worker
    this.#seed = seed
  }

  async run(one: Case): Promise<Outcome> {
    const began = performance.now()
    // A command that was not said to know the argument may take it for anything, and is not started with it.
    if (one.launch?.zygote === true && this.#worker.zygote !== true) {
      return notStarted(one, 'nobody said that the command makes a zygote with --zygote behind it')
    }
    const random = new Random(this.#seed, one.id)
    if (one.launch?.prewarmed === true && this.#worker.code === undefined) {
      return notStarted(one, 'no --code says what LOAD would name')
    }
    const isAboutRings = one.launch?.rings === true && one.needs.includes('shm-ring')
    if (isAboutRings && this.#hasNoRings) return notStarted(one, 'HELLO does not offer shm-ring')
    const level = this.#worker.isolation?.level ?? 'process'
    if (one.launch?.rings !== undefined && level !== 'process') {
      return notStarted(one, `no descriptor of a segment is passed on at isolation ${level}`)
    }
    const onPipes = this.#worker.rings === true && isAboutPipes(one)
    const clean = isClean(one) && !onPipes
    const stage = (clean ? this.#takeKept() : undefined) ?? new WorkerStage(this.#worker, one.launch, random, onPipes)
    const after = [...stage.ran]
    const session = stage.session(undefined)
    if (after.length > 0) stage.transcript.clear()
    const values = new Values(random)
    values.setNumber('ms', this.#worker.patienceMs)
    for (const [name, id] of Object.entries(one.names ?? {})) session.known.set(name, id)
    session.answersResolve = one.resolve !== 'manual'
    const steps = new StepRunner(one, values, stage)
    let finding: Finding | undefined
    let reason: string | undefined
    let applies = true
    try {
      if (one.handshake !== 'manual' && after.length === 0) {
        await stage.handshake(one.welcome ?? {}, random, one.launch === undefined)
      }
      const offered: readonly string[] = session.watch.hello?.features ?? []
      const missing = one.handshake === 'manual' ? [] : one.needs.filter((feature) => !offered.includes(feature))
      const calls = session.watch.hello?.maxCalls ?? 1
      if (missing.length > 0 || (one.min_calls ?? 1) > Math.max(1, calls)) {
        applies = false
        this.#hasNoRings ||= isAboutRings && missing.includes('shm-ring')
        reason = `HELLO does not offer ${missing.join(', ') || `${one.min_calls} calls at once`}`
      } else {
        await steps.run(one.steps)
        if (clean) await steps.run([{ barrier: { open_calls: 0, rule: 'ping-answered' } }])
        if (session.fault !== undefined) throw session.fault
        secret(stage)
      }
    } catch (error) {
      if (error instanceof CaseFailure) finding = { rule: error.rule, code: error.code, message: error.message }
      else if (error instanceof Inconclusive) reason = error.message
      else reason = `the harness failed: ${(error as Error).stack ?? String(error)}`
    }
    const bad = finding !== undefined || (reason !== undefined && applies)
    if (!bad && clean) {
      stage.ran.push(one.id)
      this.#kept = stage
    } else await stage.dispose()
    if (!bad && applies && steps.assertions === 0) {
      finding = { rule: one.rules[0]!, code: 'no-assertion', message: 'the case asserted nothing' }
    }
    const warning = finding !== undefined && !isAbsolute(finding.rule)
    const verdict: Verdict =
      finding !== undefined ? 'fail' : reason !== undefined ? (applies ? 'inconclusive' : 'not-applicable') : 'pass'
    return {
      case: one,
      verdict,
      warning,
      ...(finding !== undefined && { failure: finding }),
      ...(reason !== undefined && { reason }),
      assertions: steps.assertions,
      ms: performance.now() - began,
      transcript: verdict === 'pass' || verdict === 'not-applicable' ? [] : stage.transcript.entries(),
      stderr: verdict === 'pass' ? '' : stage.process.output('stderr').slice(-2_000),
      after,
    }
  }

  async close(): Promise<void> {
    await this.#takeKept()?.dispose()
  }

  #takeKept(): WorkerStage | undefined {
    const kept = this.#kept
    this.#kept = undefined
    return kept?.process.exit === undefined ? kept : undefined
  }
}

/** A case for which nothing was started. */
function notStarted(one: Case, reason: string): Outcome {
  const nothing = { assertions: 0, ms: 0, transcript: [], stderr: '', after: [] }
  return { case: one, verdict: 'not-applicable', warning: false, reason, ...nothing }
}

/** The token is nowhere in what the worker printed, nor in the arguments of its process. */
function secret(stage: WorkerStage): void {
  for (const name of ['stdout', 'stderr'] as const) {
    if (stage.process.output(name).includes(stage.token)) {
      throw new CaseFailure('token-secret', 'wrong-output', `the token is in ${name}`)
    }
  }
}
