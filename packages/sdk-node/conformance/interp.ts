/** Runs one program of the conformance suite with what a handler of this SDK has: its context, and the process. */
import { spawn } from 'node:child_process'
import { crc32 } from 'node:zlib'
import { REASONS, type ReasonName } from '@millrace/protocol'
import { type Context, MillraceError, type Reason, setCapacity } from '@millrace/sdk'
import type { Instruction } from './instructions.ts'

const NAMES = new Map(Object.values(REASONS).map((info) => [info.value, info.name]))
const LEVELS = ['debug', 'debug', 'info', 'warn', 'error'] as const
const NO_LIMIT = 0xffff_ffff

/** The pattern bytes of a seed. */
export function pattern(count: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(count)
  let x = seed >>> 0
  for (let i = 0; i < count; i += 1) {
    x = (Math.imul(x, 1_664_525) + 1_013_904_223) >>> 0
    bytes[i] = x >>> 24
  }
  return bytes
}

/** One run of a program: what it has put out, and the calls that it left running. */
export class Run {
  readonly #context: Context
  #output: Uint8Array[] = []
  #background: Promise<Uint8Array>[] = []

  constructor(context: Context) {
    this.#context = context
  }

  /** Takes the output so far away. */
  taken(): Uint8Array {
    const whole = Buffer.concat(this.#output)
    this.#output = []
    return whole
  }

  async step(one: Exclude<Instruction, { op: 'stream' }>): Promise<void> {
    const context = this.#context
    switch (one.op) {
      case 'echo':
        return this.#put(one.bytes)
      case 'fail':
        throw failure(one)
      case 'throw':
        throw new TypeError(one.message)
      case 'sleep':
        return await sleep(one.ms, context.signal)
      case 'pattern':
        return this.#put(pattern(one.count, one.seed))
      case 'checksum':
        return this.#put(u32(crc32(one.bytes)))
      case 'call':
        return await this.#call(one)
      case 'join':
        return await this.#join()
      case 'stdout':
        return await print(process.stdout, 'o', one.count)
      case 'stderr':
        return await print(process.stderr, 'e', one.count)
      case 'exit':
        return process.exit(one.value)
      case 'signal':
        return void process.kill(process.pid, one.value)
      case 'spawn':
        return spawn('sleep', [String(one.ms / 1000)], { stdio: 'inherit', detached: true }).unref()
      case 'cancelled':
        return this.#put(Uint8Array.of(context.signal.aborted ? 1 : 0))
      case 'context':
        return this.#put(describe(context))
      case 'log':
        return context.log[LEVELS[one.level] ?? 'info'](one.message)
      case 'capacity':
        return setCapacity(one.count)
      case 'content':
        // A function of this SDK states its content once, for all its calls.
        throw new MillraceError('unsupported', `content ${one.value}: this SDK has no content per call`)
      case 'burn':
        return burn(one.ms)
      case 'bad':
        throw new MillraceError('bad_input', 'the program has an instruction that is unknown or cut off')
    }
  }

  async #call(one: Extract<Instruction, { op: 'call' }>): Promise<void> {
    const outcome = this.#outcome(one)
    if (one.inBackground) this.#background.push(outcome)
    else this.#put(await outcome)
  }

  async #join(): Promise<void> {
    const outcomes = await Promise.all(this.#background)
    this.#background = []
    for (const outcome of outcomes) this.#put(outcome)
  }

  async #outcome(one: Extract<Instruction, { op: 'call' }>): Promise<Uint8Array> {
    const options = one.timeoutMs === 0 ? {} : { timeout: one.timeoutMs }
    try {
      const output = await this.#context.callBytes(one.name, one.input, options)
      return Buffer.concat([Uint8Array.of(0), u32(output.length), output])
    } catch (thrown) {
      const error = MillraceError.from(thrown)
      const code = Buffer.from(error.code ?? '')
      const message = Buffer.from(error.message)
      const retry = error.retryHint === undefined ? 0 : error.retryHint ? 1 : 2
      const head = Uint8Array.of(1, REASONS[error.reason].value, error.status, retry)
      return Buffer.concat([head, u16(code.length), code, u16(message.length), message])
    }
  }

  #put(bytes: Uint8Array): void {
    this.#output.push(bytes)
  }
}

function failure(one: Extract<Instruction, { op: 'fail' }>): MillraceError {
  const reason: ReasonName | undefined = NAMES.get(one.reason)
  if (reason === undefined) return new MillraceError('bad_input', `${one.reason} is no reason`)
  return new MillraceError(reason satisfies Reason, one.message, {
    ...(one.code !== '' && { code: one.code }),
    ...(one.retry !== 0 && { retryable: one.retry === 1 }),
  })
}

function describe(context: Context): Uint8Array {
  const leftMs = context.remainingMs()
  const leftUs = leftMs === Number.POSITIVE_INFINITY ? NO_LIMIT : Math.min(NO_LIMIT - 1, Math.floor(leftMs * 1000))
  return Buffer.concat([
    Uint8Array.of(context.depth, context.priority),
    u32(context.attempt),
    u32(leftUs),
    Buffer.from(context.trace.traceId, 'hex'),
    Buffer.from(context.trace.spanId, 'hex'),
    Uint8Array.of(context.trace.sampled ? 1 : 0),
  ])
}

async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, ms)
  const wake = (): void => resolve()
  signal.addEventListener('abort', wake, { once: true })
  await promise
  clearTimeout(timer)
  signal.removeEventListener('abort', wake)
}

async function print(to: NodeJS.WriteStream, letter: string, count: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    to.write(letter.repeat(count), (error) => (error ? reject(error) : resolve()))
  })
}

function burn(ms: number): void {
  const until = performance.now() + ms
  while (performance.now() < until);
}

function u16(value: number): Uint8Array {
  return Uint8Array.of(value & 0xff, value >>> 8)
}

function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value, true)
  return bytes
}
