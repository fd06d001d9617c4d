/** The workers that a zygote under test forks, each with a channel of its own, and the steps about them. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { MessageType } from '@millrace/protocol'
import { encodeBody, ForkSchema, spanMessages } from '@millrace/protocol/cold-protobuf'
import { describe } from './expect.ts'
import { CaseFailure } from './failure.ts'
import { Fifos } from './fifos.ts'
import { makeToken, sendWelcome } from './handshake.ts'
import { Link } from './link.ts'
import type { Random } from './random.ts'
import type { Received, Session } from './session.ts'
import { Session as ChildSession } from './session.ts'
import type { StepContext } from './step-context.ts'
import { unlessGone } from './unless-gone.ts'
import { Watch } from './watch.ts'

interface Forked {
  readonly fifos: Fifos
  readonly session: Session
  /** 0 before FORKED. */
  pid: number
}

type Form = Readonly<Record<string, unknown>>

export class ForkedWorkers {
  readonly #zygote: Session
  readonly #patienceMs: number
  readonly #byName = new Map<string, Forked>()

  constructor(zygote: Session, patienceMs: number) {
    this.#zygote = zygote
    this.#patienceMs = patienceMs
  }

  session(name: string): Session {
    return this.#get(name).session
  }

  /** A step about forked workers; false: it is none. `zygote`: its process id. */
  async step(name: string, form: Form, zygote: number, context: StepContext): Promise<boolean> {
    const rule = context.rule(form as { rule?: string })
    switch (name) {
      case 'fork':
        await this.#fork(form, context.values.random)
        return true
      case 'expect-forked':
        await this.#expectForked(form, zygote, rule)
        break
      case 'expect-hello':
        await this.#expectHello(form, rule, context.values.random)
        break
      case 'kill':
        process.kill(this.#get(String(form.worker)).pid, form.signal as NodeJS.Signals)
        return true
      case 'expect-exited':
        await this.#expectExited(form, rule)
        break
      default:
        return false
    }
    context.assert()
    return true
  }

  /** Ends every process that FORKED has named, and removes what their channels left. */
  dispose(): void {
    for (const { fifos, session, pid } of this.#byName.values()) {
      session.link.close()
      fifos.remove()
      if (pid !== 0) kill(pid)
    }
  }

  /** One FORK for each name, all in one write. `omit`: a field to leave empty. */
  async #fork(form: Form, random: Random): Promise<void> {
    const names = form.workers as readonly string[]
    const messages = names.map((name) => {
      const fifos = new Fifos()
      const token = makeToken(random)
      const session = new ChildSession(name, 'engine', new Watch('worker', token), this.#zygote.transcript)
      session.link = new Link(fifos.readFd, fifos.writeFd, session, { role: 'engine' })
      this.#byName.set(name, { fifos, session, pid: 0 })
      const body = { channelIn: fifos.inPath, channelOut: fifos.outPath, token }
      const bytes = encodeBody(ForkSchema, { ...body, ...(form.omit === undefined ? {} : { [String(form.omit)]: '' }) })
      return spanMessages(MessageType.FORK, bytes, () => {})
    })
    await this.#zygote.send(Buffer.concat(messages))
  }

  /** FORKED for one name: of a process that leads a group of its own, from a zygote with one thread; or with `status`. */
  async #expectForked(form: Form, zygote: number, rule: string): Promise<void> {
    const { view } = await this.#next(this.#zygote, MessageType.FORKED, rule)
    const status = (form.status as number | undefined) ?? 0
    if (view.status !== status || (view.pid === 0) !== (status !== 0)) {
      const text = `FORKED has pid ${view.pid} and status ${view.status}, wanted ${status === 0 ? 'a pid' : 'pid 0'} and status ${status}`
      throw new CaseFailure('fork-failed', 'wrong-field', text)
    }
    if (status !== 0) return
    const one = this.#get(String(form.worker))
    one.pid = view.pid
    const group = statOf(view.pid)?.[2]
    if (group !== undefined && Number(group) !== view.pid) {
      throw new CaseFailure('fork-group', 'wrong-field', `process ${view.pid} is in the process group ${group}`)
    }
    const threads = /^Threads:\s*(\d+)$/m.exec(readFileSync(`/proc/${zygote}/status`, 'utf8'))?.[1]
    if (threads !== '1') throw new CaseFailure('fork-single-thread', 'wrong-field', `the zygote has ${threads} threads`)
  }

  /** HELLO comes on the channel of this name, from the process that its FORKED named; WELCOME is sent. */
  async #expectHello(form: Form, rule: string, random: Random): Promise<void> {
    const { fifos, session, pid } = this.#get(String(form.worker))
    await this.#next(session, MessageType.HELLO, rule)
    if (!holds(pid, fifos.outPath)) {
      throw new CaseFailure('fork-answered', 'wrong-order', `process ${pid} does not hold the channel of its FORK`)
    }
    fifos.attached()
    await sendWelcome(session, {}, random)
  }

  async #expectExited(form: Form, rule: string): Promise<void> {
    const { pid } = this.#get(String(form.worker))
    const { view } = await this.#next(this.#zygote, MessageType.EXITED, rule)
    if (view.pid !== pid || view.exitCode !== form.code) {
      const text = `EXITED has pid ${view.pid} and exit_code ${view.exitCode}, wanted ${pid} and ${form.code as number}`
      throw new CaseFailure(rule, 'wrong-field', text)
    }
  }

  async #next(session: Session, type: number, rule: string): Promise<Received> {
    const one = await session.next(new Set([type]), this.#patienceMs)
    if (one === undefined)
      throw new CaseFailure(rule, 'no-message', `nothing came on ${session.name} within the patience`)
    if (one === 'end') throw new CaseFailure(rule, 'channel-ended', `the channel of ${session.name} ended`)
    if (one.view.type !== type) throw new CaseFailure(rule, 'wrong-type', `${session.name} sent ${describe(one)}`)
    return one
  }

  #get(name: string): Forked {
    const one = this.#byName.get(name)
    if (one === undefined) throw new Error(`the case has forked no worker ${name}`)
    return one
  }
}

/** Fields of `/proc/PID/stat` from the state on; undefined: the process is gone. */
function statOf(pid: number): readonly string[] | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Whether a process holds a file. */
function holds(pid: number, path: string): boolean {
  const open = unlessGone(() => readdirSync(`/proc/${pid}/fd`)) ?? []
  return open.some((fd) => unlessGone(() => readlinkSync(`/proc/${pid}/fd/${fd}`)) === path)
}

function kill(pid: number): void {
  for (const target of [-pid, pid]) {
    try {
      process.kill(target, 'SIGKILL')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
}
