/** An engine under test, with the runner as its workers: starts it, takes the launches, shakes hands, and the steps about it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { constants, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ACCEPT, judge, MessageType, type MessageView } from '@millrace/protocol'
import { encodePrefixed, type Hello, HelloSchema, spanMessages } from '@millrace/protocol/cold-protobuf'
import type { Case, ScriptedForm } from './case-types.ts'
import { type Launch, launchFault } from './engine-launch.ts'
import type { EngineSetup } from './engine-setup.ts'
import { CaseFailure, Inconclusive } from './failure.ts'
import { Link, type WireMutation } from './link.ts'
import { freshPayloads, hasMemory, remove } from './payload-directory.ts'
import type { Words } from './rings.ts'
import { segmentOf } from './segment-file.ts'
import { Session } from './session.ts'
import type { Stage, StepContext } from './step-context.ts'
import { expectBreach } from './steps-end.ts'
import { engineStep } from './steps-engine.ts'
import { Transcript } from './transcript.ts'
import { Watch } from './watch.ts'

const { O_NONBLOCK, O_RDONLY, O_WRONLY } = constants
const SCRIPTED = fileURLToPath(new URL('../scripted-worker.ts', import.meta.url))
const FEATURES = ['internal-calls', 'streaming', 'log', 'capacity']
/** How long an engine may take to start its workers; only ever cuts a hang. Unit: milliseconds. */
const START_MS_MAX = 30_000
const STDERR_CHARS_KEPT = 20_000

/** One worker that the runner plays. */
interface Played {
  readonly launch: Launch
  readonly session: Session
  readonly link: Link
  readonly socket: Socket
}

export interface EngineUnderTest {
  readonly command: readonly string[]
  readonly patienceMs: number
  /** Changes what the engine sends, and what it gets, for mutants. */
  readonly mutate?: WireMutation
  readonly mutateSent?: WireMutation
  /** Keeps from it what a case sends to break a rule. */
  readonly deaf?: boolean
  /** Changes what a case sees of a launch. */
  readonly seen?: (launch: Launch) => Launch
  /** Keeps from it what a case writes into a segment past the rings. */
  readonly blind?: boolean
  /** Changes what a case sees of a segment. */
  readonly seenWords?: (words: Words) => Words
}

export class EngineStage implements Stage {
  readonly patienceMs: number
  readonly transcript = new Transcript()
  readonly #engine: EngineUnderTest
  readonly #case: Case
  readonly #directory = mkdtempSync(join(tmpdir(), 'millrace-conformance-'))
  /** Below which the engine puts payload files; undefined: the case has none. */
  readonly #payloads: string | undefined
  readonly #server: Server
  #child!: ChildProcess
  #exited = false
  #stderr = ''
  #outputEnded!: Promise<void>
  readonly #played = new Map<string, Played>()
  #wake: (() => void)[] = []
  /** Names that a case gave to workers, over their own. */
  readonly aliases = new Map<string, string>()

  constructor(engine: EngineUnderTest, one: Case) {
    this.#engine = engine
    this.#case = one
    this.patienceMs = engine.patienceMs
    const wanted = Object.values(one.workers ?? {}).some(({ features }) => features?.includes('payload-file'))
    this.#payloads = wanted && hasMemory() ? freshPayloads() : undefined
    this.#server = createServer((socket) => this.#onWorker(socket))
  }

  get stderr(): string {
    return this.#stderr
  }

  get faults(): CaseFailure[] {
    return [...this.#played.values()].flatMap((one) => one.session.fault ?? [])
  }

  async start(): Promise<void> {
    const socket = join(this.#directory, 'runner.sock')
    await new Promise<void>((resolve) => this.#server.listen(socket, resolve))
    const setup = join(this.#directory, 'setup.json')
    writeFileSync(setup, JSON.stringify(this.#setup(socket)))
    const [command, ...args] = this.#engine.command
    this.#child = spawn(command!, args, {
      env: {
        ...process.env,
        MILLRACE_CONFORMANCE_SETUP: setup,
        XDG_RUNTIME_DIR: this.#directory,
        TMPDIR: this.#directory,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.#stderr = (this.#stderr + chunk.toString()).slice(-STDERR_CHARS_KEPT)
      })
    }
    this.#outputEnded = new Promise((resolve) => this.#child.once('close', () => resolve()))
    this.#child.once('exit', () => {
      this.#exited = true
      this.#poke()
    })
    const wanted = Object.entries(this.#case.workers ?? {}).filter(([, form]) => form.handshake !== 'late')
    for (const [name, form] of wanted) {
      for (let i = 1; i <= (form.workers ?? 1); i += 1) {
        await this.#launched(nameOf(name, i))
        if (form.handshake !== 'manual') await this.handshake(nameOf(name, i))
      }
    }
  }

  #setup(socket: string): EngineSetup {
    const { engine = {}, workers = {} } = this.#case
    const timeouts = (engine.timeout_ms ?? {}) as Readonly<Record<string, number>>
    return {
      programs: Object.entries(workers).map(([name, form]) => ({
        name,
        functions: form.functions.map((fn) => ({
          name: fn,
          ...(timeouts[fn] !== undefined && { timeoutMs: timeouts[fn] }),
        })),
        command: [process.execPath, SCRIPTED, name],
        env: { MILLRACE_CONFORMANCE_SOCKET: socket, MILLRACE_CONFORMANCE_PROGRAM: name },
        workers: form.workers ?? 1,
      })),
      maxPayloadBytes: (engine.max_payload_bytes as number | undefined) ?? 8 * 1024 * 1024,
      queue: (engine.queue as number | undefined) ?? 4_096,
      ...(engine.rings !== undefined && { rings: engine.rings as 'park' }),
      ...(this.#payloads !== undefined && { payloadDirectory: this.#payloads }),
    }
  }

  #onWorker(socket: Socket): void {
    let text = ''
    socket.setEncoding('utf8')
    socket.on('error', () => socket.destroy())
    socket.on('data', (chunk: string) => {
      text += chunk
      if (!text.includes('\n')) return
      const launch = JSON.parse(text) as Launch
      let name = launch.program
      for (let i = 2; this.#played.has(name); i += 1) name = nameOf(launch.program, i)
      this.#play(name, launch, socket)
    })
  }

  #play(name: string, told: Launch, socket: Socket): void {
    const found = told.ring === undefined ? undefined : segmentOf(told.pid, told.ring)
    const launch: Launch = { ...told, segment: found?.facts }
    const memory = found?.mapped
    const watch = new Watch('engine', launch.token)
    const session = new Session(name, 'worker', watch, this.transcript)
    const readFd = openSync(launch.in, O_RDONLY | O_NONBLOCK)
    const writeFd = openSync(launch.out, O_WRONLY | O_NONBLOCK)
    const link = new Link(readFd, writeFd, session, { role: 'worker', mutate: this.#engine.mutate, memory })
    link.mutateSent = this.#engine.deaf ? (view) => (breaks(view, watch) ? [] : [view]) : this.#engine.mutateSent
    link.deafWhen = () => this.#engine.blind === true || (this.#engine.deaf === true && watch.provoked)
    if (link.rings !== undefined) link.rings.seen = this.#engine.seenWords
    session.link = link
    this.#played.set(name, { launch, session, link, socket })
    this.#poke()
  }

  /** Waits until the engine has started that worker. */
  async #launched(name: string): Promise<Played> {
    const until = performance.now() + START_MS_MAX
    for (;;) {
      const played = this.#played.get(name)
      if (played !== undefined) return played
      if (this.#exited) throw new Inconclusive(`the engine ended: ${this.#stderr.trim().slice(-400)}`)
      const left = until - performance.now()
      if (left <= 0) throw new Inconclusive(`the engine did not start the worker ${name} within ${START_MS_MAX} ms`)
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#wake.push(resolve)
      const timer = setTimeout(resolve, left)
      await promise
      clearTimeout(timer)
    }
  }

  session(name: string | undefined): Session {
    const [first] = this.#played.keys()
    const played = this.#played.get(this.aliases.get(name ?? '') ?? name ?? first ?? '')
    if (played === undefined) throw new Error(`the case names the worker ${name}, which was not started`)
    return played.session
  }

  payloads(name: string): string | undefined {
    const { launch } = this.#played.get(this.aliases.get(name) ?? name)!
    return (this.#engine.seen?.(launch) ?? launch).payloads
  }

  /** Says HELLO as the case has it, and takes WELCOME. */
  async handshake(name: string): Promise<void> {
    await this.hello(name)
    const session = this.session(name)
    const one = await session.next(new Set([MessageType.WELCOME]), START_MS_MAX)
    if (one === undefined || one === 'end') throw new Inconclusive(`no WELCOME came for the worker ${name}`)
    if (one.view.type !== MessageType.WELCOME)
      throw new Inconclusive(`wanted WELCOME for ${name}, got ${one.view.toString()}`)
    for (const fn of session.watch.welcome!.functions) session.functions.set(fn.name, fn.id)
    const { launch } = this.#played.get(name)!
    const isManual = this.#case.workers![launch.program]!.attach === 'manual'
    if (session.watch.accepted('shm-ring') && !isManual) await session.attach()
  }

  async hello(name: string): Promise<void> {
    const { session, launch } = this.#played.get(name)!
    const form: ScriptedForm = this.#case.workers![launch.program]!
    const hello = {
      token: launch.token,
      functions: form.functions.map((fn) => ({ name: fn })),
      features: [...(form.features ?? FEATURES)],
      maxCalls: form.max_calls ?? 8,
      software: { name: 'scripted', version: '1', language: 'yaml' },
    }
    session.watch.hello = { ...hello, $typeName: 'millrace.v1.Hello' } as unknown as Hello
    await session.send(spanMessages(MessageType.HELLO, encodePrefixed(HelloSchema, hello), () => {}))
  }

  async step(name: string, operand: unknown, context: StepContext): Promise<boolean> {
    const form = (operand ?? {}) as Readonly<Record<string, unknown>>
    const own = String(form.on ?? context.session.name)
    const rule = context.rule(form as { rule?: string })
    switch (name) {
      case 'resolve': {
        const fn = String(form.function)
        await context.session.sendNow(MessageType.RESOLVE, () => {}, Buffer.from(fn))
        const one = await context.session.next(new Set(), this.patienceMs)
        if (one === undefined || one === 'end' || one.view.type !== MessageType.RESOLVED || one.view.status !== 0) {
          throw new Inconclusive(`the engine did not resolve ${fn}`)
        }
        context.session.functions.set(fn, one.view.functionId)
        return true
      }
      case 'hello':
        await this.hello(own)
        return true
      case 'launched':
        await this.#launched(own)
        return true
      case 'handshake':
        await this.#launched(own)
        await this.handshake(own)
        return true
      case 'expect-breach':
        await expectBreach(form.rule === undefined ? (operand as string) : String(form.rule), {
          ...context,
          session: this.session(own),
        })
        return true
      case 'exit':
        this.#exit(own, Number(form.code ?? 1), form.hold === true)
        return true
      case 'signal':
        process.kill(this.#played.get(own)!.launch.pid, String(form.name) as NodeJS.Signals)
        return true
      case 'pause-reading':
        this.#played.get(own)!.link.pause()
        return true
      case 'resume-reading':
        this.#played.get(own)!.link.resume()
        return true
      case 'close-out':
        this.#played.get(own)!.link.closeWriting()
        return true
      case 'stop-engine':
        process.kill(this.#child.pid!, 'SIGTERM')
        return true
      case 'expect-launch':
        if (rule === 'token-secret') await this.#hearOut()
        this.#judgeLaunch(own, rule)
        context.assert()
        return true
      default:
        return await engineStep(this, name, form, context)
    }
  }

  /** The worker's process ends. `hold`: its pipes stay open, as if a child of it held them. */
  #exit(name: string, code: number, hold: boolean): void {
    const played = this.#played.get(name)!
    played.session.watch.released = true
    played.socket.write(`${JSON.stringify({ exit: code })}\n`)
    if (!hold) played.link.close()
    this.transcript.note(name, 'runner', `exit ${code}`)
  }

  /** Ends the engine and waits for the last of its output: what it printed can be judged only when it prints no more. */
  async #hearOut(): Promise<void> {
    if (!this.#exited) process.kill(this.#child.pid!, 'SIGTERM')
    const late = Promise.withResolvers<never>()
    const timer = setTimeout(
      () => late.reject(new Inconclusive(`the engine did not end within ${START_MS_MAX} ms of SIGTERM`)),
      START_MS_MAX,
    )
    await Promise.race([this.#outputEnded, late.promise])
    clearTimeout(timer)
  }

  #judgeLaunch(name: string, rule: string): void {
    const seen = this.#engine.seen ?? ((launch: Launch) => launch)
    const launches = [...this.#played.values()].map((one) => seen(one.launch))
    const fault = launchFault(rule, seen(this.#played.get(name)!.launch), launches, this.#stderr)
    if (fault !== undefined) throw new CaseFailure(rule, 'wrong-file', fault)
  }

  async dispose(): Promise<void> {
    for (const { link, socket } of this.#played.values()) {
      link.close()
      socket.destroy()
    }
    this.#server.close()
    if (this.#child?.pid !== undefined && !this.#exited) {
      const gone = new Promise((resolve) => this.#child.once('exit', resolve))
      // The case is over: what an engine does when it is asked to end is for cases that ask.
      process.kill(-this.#child.pid, 'SIGKILL')
      await gone
    }
    rmSync(this.#directory, { recursive: true, force: true })
    if (this.#payloads !== undefined) remove(this.#payloads)
  }

  #poke(): void {
    const wake = this.#wake
    this.#wake = []
    for (const one of wake) one()
  }
}

/** Whether a message is sent to break a rule. A good PING is not: it asks whether the rest was let pass. */
function breaks(view: MessageView, watch: Watch): boolean {
  return (
    watch.provoked && (view.type !== MessageType.PING || watch.hello === undefined || judge(view, 'worker') !== ACCEPT)
  )
}

function nameOf(program: string, index: number): string {
  return index === 1 ? program : `${program}${index}`
}
