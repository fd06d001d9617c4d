/** A worker under test, with the runner as its engine: launch, handshake, and the steps about its process. */

import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import type { Isolation } from '@millrace/engine/isolated-launch'
import { MessageType } from '@millrace/protocol'
import type { Case, WelcomeForm } from './case-types.ts'
import { CaseFailure, Inconclusive } from './failure.ts'
import { ForkedWorkers } from './forked-workers.ts'
import { HELLO_MS_MAX, makeToken, sendWelcome } from './handshake.ts'
import { Link, type WireMutation } from './link.ts'
import { freshPayloads, remove } from './payload-directory.ts'
import type { Random } from './random.ts'
import { makeSegment } from './segment-file.ts'
import { Session } from './session.ts'
import type { Stage, StepContext } from './step-context.ts'
import { type BreachForm, expectBreach } from './steps-end.ts'
import { type LoadedForm, type LoadForm, loadedMessages, loadMessages } from './steps-load.ts'
import { Transcript } from './transcript.ts'
import { unlessGone } from './unless-gone.ts'
import { Watch } from './watch.ts'
import { type Exit, WorkerProcess } from './worker-process.ts'

/** What the kernel calls the segment that the runner makes. */
const SEGMENT = '/memfd:millrace-ring'
/** How long a child may take from its start to its own program; only ever waited for by one that holds what it must not. Unit: milliseconds. */
const EXEC_MS_MAX = 500
/** Between two looks at it. Unit: milliseconds. */
const LOOK_MS = 5
/** Functions that a fixture serves. */
const FIXTURE = ['echo', 'interp']

export interface WorkerUnderTest {
  readonly command: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly patienceMs: number
  /** Absolute path of the file that LOAD names. Undefined: it can't wait for its code. */
  readonly code?: string | undefined
  /** Whether it gets rings, and messages go by them where it takes them. Default: by the pipes. */
  readonly rings?: boolean | undefined
  /** How far it is shut off from the host. Default: not at all. */
  readonly isolation?: Isolation | undefined
  /** Whether the command makes a zygote with `--zygote` behind it. Default false. */
  readonly zygote?: boolean
  /** Changes what the worker sends, for mutants. */
  readonly mutate?: WireMutation
}

export class WorkerStage implements Stage {
  readonly patienceMs: number
  readonly process: WorkerProcess
  readonly transcript = new Transcript()
  readonly #session: Session
  readonly #forked: ForkedWorkers
  readonly #link: Link | undefined
  readonly #code: string
  readonly token: string
  /** The worker's own process, with what wraps it at a level of isolation. */
  readonly #own = new Set<number>()
  readonly #isWrapped: boolean
  readonly #acceptsFiles: boolean
  /** `--rings` gave it a segment: a worker that does not offer them has nothing to be judged by. */
  readonly #mustOffer: boolean
  readonly #payloads: string | undefined
  /** Cases that ran on this process. */
  readonly ran: string[] = []

  /** `onPipes`: without rings, whatever the worker may have. */
  constructor(worker: WorkerUnderTest, launch: Case['launch'], random: Random, onPipes = false) {
    this.patienceMs = worker.patienceMs
    this.#code = worker.code ?? ''
    this.token = makeToken(random)
    this.#session = new Session('worker', 'engine', new Watch('worker', this.token), this.transcript)
    this.#forked = new ForkedWorkers(this.#session, worker.patienceMs)
    const hasRings = worker.rings === true && !onPipes && launch?.zygote !== true && launch?.absent !== true
    const form = launch?.rings ?? (hasRings ? true : undefined)
    this.#mustOffer = form === true && launch?.rings === undefined
    const segment = form === undefined ? undefined : makeSegment(form)
    const memory = segment?.mapped
    this.#session.watch.segmentGiven = memory !== undefined
    // A zygote gets none: its children would find it in their environment.
    const isGiven = launch?.zygote !== true && launch?.omit?.includes('MILLRACE_PAYLOAD_DIR') !== true
    this.#payloads = isGiven ? freshPayloads() : undefined
    this.#session.watch.hasPayloads = isGiven
    this.process = new WorkerProcess({
      payloads: this.#payloads,
      segment,
      command: [...worker.command, ...argumentsOf(launch)],
      token: this.token,
      env: { ...worker.env, ...launch?.env },
      omit: launch?.omit ?? [],
      absent: launch?.absent ?? false,
      isolation: worker.isolation,
    })
    this.#acceptsFiles = launch?.payloads === true
    this.#own.add(this.process.pid)
    this.#isWrapped = worker.isolation !== undefined && worker.isolation.level !== 'process'
    this.process.onOutput = () => this.#session.poke()
    if (this.process.readFd !== -1) {
      this.#link = new Link(this.process.readFd, this.process.writeFd, this.#session, {
        role: 'engine',
        mutate: worker.mutate,
        memory,
      })
      this.#session.link = this.#link
    }
    void this.process.exited.then(
      (exit) => this.#onExit(exit),
      () => this.#session.onEnd(0), // It could not be started: whoever waits for HELLO is told why.
    )
  }

  /** The channel of the worker that was launched, or of the one that a zygote has forked under this name. */
  session(name: string | undefined): Session {
    return name === undefined ? this.#session : this.#forked.session(name)
  }

  payloads(): string | undefined {
    return this.#payloads
  }

  #onExit(exit: Exit): void {
    this.transcript.note('worker', 'peer', `exit ${exit.signal ?? exit.code}`)
    this.#link?.finish()
    this.#session.poke()
  }

  /** Takes HELLO and answers WELCOME, so that the channel is open. */
  async handshake(form: WelcomeForm, random: Random, needsFixture: boolean): Promise<void> {
    const session = this.#session
    const one = await session.next(new Set([MessageType.HELLO]), HELLO_MS_MAX)
    if (one === undefined) throw new Inconclusive(`no HELLO came within ${HELLO_MS_MAX} ms`)
    if (one === 'end') {
      const exit = await this.process.exited
      throw new Inconclusive(
        `the worker ended with ${exit.signal ?? exit.code} before HELLO; standard error: ${this.process.output('stderr').trim().slice(-400) || 'nothing'}`,
      )
    }
    this.process.attached()
    if (this.#isWrapped) for (const pid of processesOfSession(this.process.pid)) this.#own.add(pid)
    const missing = FIXTURE.filter((name) => !session.watch.hello!.functions.some((fn) => fn.name === name))
    if (needsFixture && missing.length > 0) {
      throw new Inconclusive(`HELLO does not name the fixture's function ${missing.join(' and ')}`)
    }
    if (this.#mustOffer && !session.watch.hello!.features.includes('shm-ring')) {
      throw new Inconclusive('--rings gave it a segment, and its HELLO does not offer shm-ring')
    }
    await sendWelcome(session, form, random, this.#acceptsFiles)
  }

  async step(name: string, operand: unknown, context: StepContext): Promise<boolean> {
    const form = (operand ?? {}) as Readonly<Record<string, unknown>>
    const rule = context.rule(form as { rule?: string })
    switch (name) {
      case 'welcome':
        if (context.session.watch.hello !== undefined) this.process.attached()
        await sendWelcome(this.#session, form as WelcomeForm, context.values.random, this.#acceptsFiles)
        return true
      case 'close-in':
        this.#link!.closeWriting()
        this.process.attached()
        context.session.watch.released = true
        this.transcript.note('worker', 'runner', 'closed IN')
        return true
      case 'close-out':
        this.#link!.closeReading()
        context.session.watch.released = true
        this.transcript.note('worker', 'runner', 'closed OUT')
        return true
      case 'pause-reading':
        this.#link!.pause()
        return true
      case 'resume-reading':
        this.#link!.resume()
        return true
      case 'signal':
        this.process.signalGroup(String(form.name ?? operand) as NodeJS.Signals)
        return true
      case 'load':
        await context.session.send(loadMessages(form as LoadForm, this.#code, context))
        return true
      case 'loaded':
        await context.session.send(loadedMessages(form as LoadedForm, context))
        return true
      case 'expect-breach':
        await expectBreach(operand as BreachForm, context)
        await this.#expectExit({ code: 76 }, 'exit-code-protocol')
        context.assert()
        return true
      case 'expect-exit':
        await this.#expectExit(form as { code?: number; signal?: string }, rule)
        context.assert()
        return true
      case 'expect-output':
        await this.#expectOutput(form as never, rule, context)
        return true
      case 'expect-children':
        await this.#expectChildren(form, rule)
        context.assert()
        return true
      default:
        return await this.#forked.step(name, form, this.process.pid, context)
    }
  }

  async #expectExit(wanted: { code?: number; signal?: string }, rule: string): Promise<void> {
    const ended = await this.#session.until(() => this.process.exit !== undefined, this.patienceMs)
    if (!ended) throw new CaseFailure(rule, 'no-exit', `the process still runs after ${this.patienceMs} ms`)
    const { code, signal } = this.process.exit!
    const right = wanted.signal === undefined ? code === wanted.code : signal === wanted.signal
    if (right) return
    throw new CaseFailure(
      rule,
      'wrong-exit',
      `the process ended with ${signal ?? code}, wanted ${wanted.signal ?? wanted.code}; standard error: ${this.process.output('stderr').trim().slice(-300) || 'nothing'}`,
    )
  }

  async #expectOutput(
    form: { stream: 'stdout' | 'stderr'; bytes?: number; min_bytes?: number; has_not?: string; one_line?: boolean },
    rule: string,
    context: StepContext,
  ): Promise<void> {
    const { stream, bytes = form.min_bytes ?? 0 } = form
    // After the exit all that was printed is still on its way here.
    const enough = (): boolean => this.process.exit === undefined && this.process.outputBytes(stream) >= bytes
    await this.#session.until(() => this.process.outputEnded || enough(), this.patienceMs)
    const came = this.process.outputBytes(stream) >= bytes
    const got = this.process.outputBytes(stream)
    if (!came || (form.bytes !== undefined && got !== bytes)) {
      throw new CaseFailure(rule, 'wrong-output', `${stream} has ${got} bytes, wanted ${bytes}`)
    }
    if (form.has_not !== undefined && this.process.output(stream).includes(form.has_not)) {
      throw new CaseFailure(rule, 'wrong-output', `${stream} has the text ${form.has_not}`)
    }
    if (form.one_line === true) {
      const lines = this.process.output(stream).trimEnd().split('\n')
      if (lines.length !== 1 || lines[0] === '') {
        throw new CaseFailure(
          rule,
          'wrong-output',
          `${stream} has ${lines.length} lines, wanted one: ${lines.join(' | ').slice(0, 300)}`,
        )
      }
    }
    context.assert()
  }

  /**
   * Looks at what the worker's children hold: no end of the channel, no segment, and with `env` none of the launch's variables.
   * With `self` at the worker's own process: no descriptor of a segment.
   */
  async #expectChildren(form: Readonly<Record<string, unknown>>, rule: string): Promise<void> {
    const children = processesOfSession(this.process.pid).filter((pid) => !this.#own.has(pid))
    if (children.length === 0) throw new CaseFailure(rule, 'wrong-output', 'the worker started no child process')
    const ends = form.self === true ? [SEGMENT] : [this.process.inPath, this.process.outPath, SEGMENT]
    const held = (): string | undefined =>
      form.env === true ? variableIn(children) : descriptorIn(form.self === true ? [this.process.pid] : children, ends)
    // A parent goes on a moment before the kernel has closed what its child does not inherit.
    const until = performance.now() + EXEC_MS_MAX
    let what = held()
    while (what !== undefined && performance.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
      what = held()
    }
    if (what !== undefined) throw new CaseFailure(rule, 'inherited', what)
  }

  async dispose(): Promise<void> {
    this.#link?.close()
    this.#forked.dispose()
    await this.process.dispose()
    if (this.#payloads !== undefined) remove(this.#payloads)
  }
}

/** Which of these processes has a variable of the launch in its environment, in words; undefined: none. */
function variableIn(pids: readonly number[]): string | undefined {
  for (const pid of pids) {
    const names = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
    const left = names.find((one) => /^MILLRACE_(CHANNEL_IN|CHANNEL_OUT|TOKEN|RING)=/.test(one))
    if (left !== undefined) return `the child ${pid} has ${left.split('=')[0]} in its environment`
  }
  return undefined
}

/** Which of these processes holds a descriptor whose target begins like one of `ends`, in words; undefined: none. */
function descriptorIn(pids: readonly number[], ends: readonly string[]): string | undefined {
  for (const pid of pids) {
    for (const fd of unlessGone(() => readdirSync(`/proc/${pid}/fd`)) ?? []) {
      const target = unlessGone(() => readlinkSync(`/proc/${pid}/fd/${fd}`))
      if (ends.some((one) => target?.startsWith(one))) return `the process ${pid} holds descriptor ${fd} on ${target}`
    }
  }
  return undefined
}

/** Processes of the session, or the process group, that the worker leads, and their children that left it. */
function processesOfSession(leader: number): number[] {
  const parents = new Map<number, number>()
  const found = [leader]
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    try {
      const fields = readFileSync(`/proc/${entry}/stat`, 'utf8')
        .replace(/^.*\) /, '')
        .split(' ')
      parents.set(Number(entry), Number(fields[1]))
      const inGroup = Number(fields[2]) === leader || Number(fields[3]) === leader
      if (inGroup && Number(entry) !== leader) found.push(Number(entry))
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code !== 'ENOENT' && code !== 'ESRCH') throw error // It ended while we looked.
    }
  }
  for (const pid of found) {
    for (const [child, parent] of parents) if (parent === pid && !found.includes(child)) found.push(child)
  }
  return found
}

/** What the command gets behind it. */
function argumentsOf(launch: Case['launch']): string[] {
  return [...(launch?.zygote === true ? ['--zygote'] : []), ...(launch?.prewarmed === true ? ['--prewarm'] : [])]
}
