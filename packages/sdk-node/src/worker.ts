import { type FeatureName, FUNCTIONS_PER_WORKER_MAX, MessageType, REASONS, type Verdict } from '@millrace/protocol'
import { encodePrefixed, GoodbyeSchema, Reason, spanMessages } from '@millrace/protocol/cold'
import { Caller } from './caller.ts'
import { Channel } from './channel.ts'
import { type CodeLoader, CodeLoading } from './code-loading.ts'
import { MillraceError, PeerError, UsageError } from './errors.ts'
import type { AnyFunction } from './function.ts'
import {
  checkFunctions,
  checkMaxCalls,
  FEATURES_OFFERED,
  FEATURES_PREWARMED,
  helloMessages,
  readGoodbye,
  readWelcome,
  type Welcome,
} from './handshake.ts'
import type { Hook } from './hooks.ts'
import { Inbox, type InboxListener, type Rooms } from './inbox.ts'
import { GOODBYE_CHARS_MAX, LAST_WRITE_US_MAX, MAX_CALLS_DEFAULT, STOP_HOOKS_US_MAX } from './limits.ts'
import { WorkerLog } from './log.ts'
import { Names } from './names.ts'
import { ServedCalls } from './served-calls.ts'
import { ExitCode, type WorkerWorld } from './world.ts'

/** How to make a worker. */
export interface WorkerOptions {
  /** One-time secret from the launch, returned in HELLO. */
  readonly token: string
  /** Calls to run at once, 1 to 65,535. Default 1,024. */
  readonly maxCalls?: number
  /** Run before HELLO, in order. */
  readonly start?: readonly Hook[]
  /** Makes a prewarmed worker: it has no functions, and this loads its code when LOAD comes. */
  readonly loader?: CodeLoader
  /** Run before the exit, in order. */
  readonly stop?: readonly Hook[]
}

/** A worker: functions, served over one channel. */
export interface Worker {
  /** Runs the start hooks and says HELLO. Resolves when WELCOME came; rejects when a hook throws or the channel ends before. */
  start(): Promise<void>
  /** Resolves when the engine has given the ids of the code that LOAD brought. Never for a worker that has its functions. */
  readonly loaded: Promise<void>
  /** Changes how many calls it takes at once; see `setCapacity`. */
  setCapacity(calls: number): void
  /** Calls that run now. */
  readonly openCalls: number
}

/**
 * Makes a worker of functions in a world of one's choice; `serve` does so in the real one.
 *
 * @throws UsageError when there is no function and no loader, two have one name, or an option is out of range.
 */
export function createWorker(functions: readonly AnyFunction[], world: WorkerWorld, options: WorkerOptions): Worker {
  return new ChannelWorker(functions, world, options)
}

type State = 'new' | 'starting' | 'ready' | 'draining' | 'ending' | 'gone'

class ChannelWorker implements Worker, InboxListener {
  readonly #functions: readonly AnyFunction[]
  readonly #world: WorkerWorld
  readonly #options: WorkerOptions
  readonly #maxCalls: number
  readonly #channel: Channel
  #state: State = 'new'
  #served: ServedCalls | undefined
  #caller: Caller | undefined
  #welcome: Welcome | undefined
  /** When the drain's time is over, on the world's clock. */
  #drainByUs = Number.POSITIVE_INFINITY
  #started: Promise<void> | undefined
  #exitCode: ExitCode = ExitCode.ok
  /** Stop hooks run. */
  #stopping = false
  readonly #code: CodeLoading | undefined
  #names: Names | undefined
  readonly #loaded = Promise.withResolvers<void>()
  readonly #welcomed = Promise.withResolvers<void>()

  constructor(functions: readonly AnyFunction[], world: WorkerWorld, options: WorkerOptions) {
    if (options.loader === undefined) checkFunctions(functions, FUNCTIONS_PER_WORKER_MAX)
    this.#maxCalls = options.maxCalls ?? MAX_CALLS_DEFAULT
    checkMaxCalls(this.#maxCalls)
    this.#functions = functions
    this.#code = options.loader && new CodeLoading(options.loader, this.#maxCalls)
    this.#world = world
    this.#options = options
    this.#channel = new Channel(world, new Inbox(this))
    // Also rejected when nobody has come to wait for it yet.
    this.#welcomed.promise.catch(() => {})
    this.#loaded.promise.catch(() => {})
  }

  start(): Promise<void> {
    this.#started = this.#begin()
    return this.#started
  }

  async #begin(): Promise<void> {
    if (this.#state !== 'new') throw new UsageError('this worker was started before')
    this.#state = 'starting'
    for (const hook of this.#options.start ?? []) await hook()
    this.#channel.sendMessages(helloMessages(this.#functions, this.#features, this.#options.token, this.#maxCalls))
    this.#channel.flush()
    this.#channel.start()
    return this.#welcomed.promise
  }

  get #features(): readonly FeatureName[] {
    const features = this.#code === undefined ? FEATURES_OFFERED : FEATURES_PREWARMED
    const files: readonly FeatureName[] = this.#world.payloads === undefined ? [] : ['payload-file'] // Rule `file-offered`.
    const rings: readonly FeatureName[] = this.#world.pipe.rings === undefined ? [] : ['shm-ring'] // Rule `ring-offer`.
    return [...features, ...files, ...rings]
  }

  get loaded(): Promise<void> {
    return this.#loaded.promise
  }

  get openCalls(): number {
    return this.#served?.openCount ?? 0
  }

  setCapacity(calls: number): void {
    const offered = this.#code?.offeredCalls ?? this.#maxCalls
    if (!Number.isInteger(calls) || calls < 0 || calls > offered) {
      throw new UsageError(
        `capacity is ${calls}; use an integer from 0 to the ${offered} calls that this worker offered`,
      )
    }
    if (this.#state !== 'ready' || this.#code?.done === false || !this.#welcome?.features.has('capacity')) return
    const writer = this.#channel.begin(MessageType.CAPACITY)
    writer.capacity = calls
    this.#channel.end(0)
  }

  onWelcome(body: Uint8Array): Rooms | Verdict {
    const welcome = readWelcome(body, this.#maxCalls, this.#features)
    if ('rule' in welcome) return welcome
    const byId = new Map<number, AnyFunction>()
    const names = new Names(this.#channel, welcome.openResolvesMax)
    for (const { name, id } of welcome.functions) {
      const fn = this.#functions.find((one) => one.name === name)
      if (fn === undefined)
        return { rule: 'welcome-functions', message: `WELCOME lists "${name}", which HELLO did not offer` }
      if (id === 0 || byId.has(id))
        return { rule: 'function-id-unique', message: `WELCOME gives "${name}" the id ${id}` }
      byId.set(id, fn)
      names.remember(name, id)
    }
    const log = new WorkerLog(this.#channel, welcome.features.has('log'), (line) => this.#world.say(line))
    const files = welcome.files ? this.#world.payloads : undefined
    const caller = new Caller(this.#channel, welcome, names, files)
    const served = new ServedCalls(this.#world, this.#channel, caller, log, byId, welcome, files)
    served.onIdle = () => this.#finish(ExitCode.ok)
    this.#caller = caller
    this.#served = served
    this.#names = names
    this.#welcome = welcome
    this.#state = 'ready'
    const rings = welcome.features.has('shm-ring') ? this.#world.pipe.rings : undefined
    if (rings === undefined) this.#world.pipe.rings?.decline()
    else this.#channel.attach(rings)
    this.#welcomed.resolve()
    return { served, caller, names, features: welcome.features, rings }
  }

  onLoad(body: Uint8Array): Verdict | undefined {
    return this.#code?.load(body, (messages) => {
      // A DRAIN or the channel's end came meanwhile: nobody waits for the answer any more.
      if (this.#state === 'ready') this.#channel.sendMessages(messages)
    })
  }

  onLoaded(body: Uint8Array): Verdict | undefined {
    const loaded = this.#code!.loaded(body)
    if ('rule' in loaded) return loaded
    for (const [id, fn] of loaded.functions) this.#names?.remember(fn.name, id)
    this.#served?.serve(loaded.functions, loaded.callsMax)
    this.#loaded.resolve()
    return undefined
  }

  onPing(nonce: number): void {
    const writer = this.#channel.begin(MessageType.PONG)
    writer.nonce = nonce
    writer.openCalls = this.openCalls
    this.#channel.end(0)
  }

  onDrain(timeoutUs: number): void {
    if (this.#state !== 'ready') return // Rule `drain-repeated`.
    if (timeoutUs > 0) this.#drainByUs = this.#world.nowUs() + timeoutUs
    this.#state = 'draining'
    this.#served?.drain()
  }

  onGoodbye(body: Uint8Array, status: number): void {
    this.#channel.seal() // Rule `goodbye-received`: nothing is sent any more, not even a GOODBYE.
    const { reason, rule, message } = readGoodbye(body, status)
    if (reason === undefined) {
      this.#lose(new PeerError('the engine said GOODBYE', 'internal'))
      this.#finish(ExitCode.ok)
      return
    }
    const about = [reason, rule && `rule ${rule}`, message].filter(Boolean).join(': ')
    const line =
      this.#welcome === undefined
        ? `the engine refused this worker: ${about}`
        : `the engine ended the channel: ${about}`
    this.#lose(new PeerError(line))
    this.#world.say(line)
    this.#finish(ExitCode.protocol)
  }

  onBroken(verdict: Verdict): void {
    const line = `the engine broke the rule ${verdict.rule}: ${verdict.message}`
    this.#sendGoodbye({ reason: Reason.PROTOCOL_ERROR, ...verdict })
    this.#lose(new PeerError(line))
    this.#world.say(line)
    this.#finish(ExitCode.protocol)
  }

  onEnd(error: string | undefined, truncated: boolean): void {
    if (this.#state === 'gone') return
    if (this.#state === 'ending') {
      // What was to be said can't be any more. Hooks that run go on, and the exit comes after them.
      if (error !== undefined) this.#exitCode = ExitCode.engineGone
      if (!this.#stopping) this.#leave()
      return
    }
    const open = this.openCalls
    const orderly = error === undefined && !truncated && open === 0 && this.#welcome !== undefined
    const line = truncated
      ? 'the engine cut a message short and is gone (rule channel-truncated)'
      : `the engine is gone${error === undefined ? '' : ` (${error})`}${open > 0 ? ` and left ${open} calls open` : ''}`
    this.#lose(new PeerError(line, 'internal'))
    if (!orderly) this.#world.say(line)
    this.#finish(orderly ? ExitCode.ok : ExitCode.engineGone)
  }

  /** Every open call learns that the channel is gone. */
  #lose(error: PeerError): void {
    // A channel that ends has its own exit code, whether or not anybody awaits the start.
    this.#started?.catch(() => {})
    this.#welcomed.reject(error)
    this.#loaded.reject(error)
    this.#caller?.failAll(error)
    this.#served?.stopAll(new MillraceError('cancelled', error.message, { cause: error }))
  }

  /** Runs the stop hooks for as long as they may take, says GOODBYE if nobody has, and exits. */
  #finish(code: ExitCode): void {
    if (this.#state === 'ending' || this.#state === 'gone') return
    this.#state = 'ending'
    this.#exitCode = code
    const hooks = this.#options.stop ?? []
    if (hooks.length === 0) {
      this.#sayGoodbye()
      return
    }
    this.#stopping = true
    const leftUs = Math.max(0, Math.min(STOP_HOOKS_US_MAX, this.#drainByUs - this.#world.nowUs()))
    const forget = this.#world.alarm(leftUs, () => {
      this.#world.say(`onStop hooks did not end within ${Math.round(leftUs / 1000)} ms; exiting without them`)
      this.#sayGoodbye()
    })
    this.#runStopHooks(hooks).then(() => {
      forget()
      this.#sayGoodbye()
    })
  }

  async #runStopHooks(hooks: readonly Hook[]): Promise<void> {
    for (const hook of hooks) {
      try {
        await hook()
      } catch (thrown) {
        this.#world.say(`an onStop hook failed: ${thrown instanceof Error ? thrown.stack : String(thrown)}`)
      }
    }
  }

  #sayGoodbye(): void {
    if (this.#state === 'gone') return
    this.#stopping = false
    this.#sendGoodbye({ reason: Reason.UNSPECIFIED, rule: '', message: '' })
    this.#channel.flush()
    if (this.#channel.ended || this.#channel.empty) {
      this.#leave()
      return
    }
    this.#world.alarm(LAST_WRITE_US_MAX, () => this.#leave())
    this.#channel.onEmpty = () => this.#leave()
  }

  /** Sends GOODBYE, and nothing after it (rule `goodbye-last`); after a GOODBYE either way, nothing. */
  #sendGoodbye({ reason, rule, message }: Goodbye): void {
    // GOODBYE does not span: the rule is what the engine needs, the message is cut to fit.
    const body = encodePrefixed(GoodbyeSchema, { reason, rule, message: message.slice(0, GOODBYE_CHARS_MAX) })
    this.#channel.sendMessages(
      spanMessages(MessageType.GOODBYE, body, (writer) => {
        writer.status = reason === Reason.UNSPECIFIED ? 0 : REASONS.protocol_error.status
      }),
    )
    this.#channel.seal()
  }

  #leave(): void {
    if (this.#state === 'gone') return
    this.#state = 'gone'
    this.#channel.close()
    this.#world.exit(this.#exitCode)
  }
}

interface Goodbye extends Verdict {
  readonly reason: Reason
}
