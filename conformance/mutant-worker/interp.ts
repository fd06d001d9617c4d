/** The functions `echo` and `interp` of the mutant worker. */
import { spawn } from 'node:child_process'
import { writeSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { MessageType, REASONS } from '@millrace/protocol'
import { encodeBody, type LogLevel, LogSchema, spanMessages } from '@millrace/protocol/cold'
import { type Instruction, instructions } from '../../packages/sdk-node/conformance/instructions.ts'
import { pattern } from '../runner/random.ts'
import type { Caller, CallOutcome } from './caller.ts'
import type { Out } from './out.ts'
import { RINGS } from './rings.ts'
import { Failed, type Served, type ServedCall } from './served.ts'
import { is } from './switch.ts'

export interface Rooms {
  readonly out: Out
  readonly served: Served
  readonly caller: Caller
  readonly features: ReadonlySet<string>
  /** The descriptors of the channel, for the mutant whose children inherit them. */
  readonly fds: readonly [number, number]
}

const NAMES = new Map(Object.values(REASONS).map((info) => [info.value, info.name]))

/** Runs a call to its final message. */
export async function run(call: ServedCall, rooms: Rooms): Promise<void> {
  const { served } = rooms
  call.started = performance.now()
  try {
    if (is('echo-of-960') && call.input.length === 960) throw new Failed('payload_too_large', 'too long')
    if (is('empty-input-refused') && call.input.length === 0) throw new Failed('bad_input', 'nothing')
    if (call.name === 'echo') await served.output(call, call.input)
    else await interpret(call, rooms)
  } catch (thrown) {
    served.fail(call, call.abort.signal.aborted ? new Failed('cancelled', 'the caller gave up') : thrown)
  }
}

async function interpret(call: ServedCall, rooms: Rooms): Promise<void> {
  const { served } = rooms
  let output: Uint8Array[] = []
  const background: Promise<Uint8Array>[] = []
  let streaming = false
  for (const one of instructions(call.input)) {
    if (one.op === 'stream' && !is('stream-held-back') && (served.streaming || is('stream-unasked'))) {
      await served.stream(call, Buffer.concat(output), false)
      for (let i = 0; i < one.parts; i += 1) await served.stream(call, pattern(one.size, one.seed + i), false)
      streaming = true
      output = []
    } else await step(one, call, rooms, output, background)
  }
  const rest = Buffer.concat(output)
  if (streaming && call.sentHead) await served.stream(call, rest, true)
  else await served.output(call, rest)
}

async function step(
  one: Instruction,
  call: ServedCall,
  rooms: Rooms,
  output: Uint8Array[],
  background: Promise<Uint8Array>[],
): Promise<void> {
  const { signal } = call.abort
  switch (one.op) {
    case 'echo':
      return void output.push(one.bytes)
    case 'fail': {
      const reason = NAMES.get(one.reason) ?? 'handler_error'
      throw new Failed(reason, one.message, {
        code: one.code,
        ...(one.retry !== 0 && { retryable: one.retry === 1 }),
      })
    }
    case 'throw':
      throw new Error(one.message)
    case 'sleep':
      return await sleep(one.ms, signal)
    case 'pattern':
      return void output.push(pattern(one.count, one.seed))
    case 'checksum':
      return void output.push(u32(is('checksum-guessed') ? 0 : crc32(one.bytes)))
    case 'call': {
      const outcome = rooms.caller.call(call, one.name, one.input, one.timeoutMs).then(encodeOutcome)
      if (one.inBackground) background.push(outcome)
      else output.push(await outcome)
      return
    }
    case 'join':
      for (const outcome of await Promise.all(background)) output.push(outcome)
      return
    case 'stdout':
    case 'stderr':
      print(one.op, one.count, rooms)
      return
    case 'exit':
      return process.exit(is('exit-code-own') ? 1 : one.value)
    case 'signal':
      if (is('half-message-at-death')) rooms.out.writeNow(new Uint8Array(100))
      if (is('ring-part-at-death')) rooms.served.part(call, Buffer.concat(output))
      return void process.kill(process.pid, one.value)
    case 'spawn': {
      // A descriptor that is named here is inherited, whatever it was opened with.
      const inherited = is('channel-inherited') ? rooms.fds : is('ring-descriptor-inherited') ? [RINGS!.fd] : []
      const env = { ...process.env }
      spawn('sleep', [String(one.ms / 1000)], { stdio: ['ignore', 'ignore', 'ignore', ...inherited], env }).unref()
      return
    }
    case 'cancelled':
      return void output.push(Uint8Array.of(signal.aborted ? 1 : 0))
    case 'context':
      return void output.push(new Uint8Array(35))
    case 'log':
      if (!rooms.features.has('log') && !is('log-unasked')) return
      log(call, one.level as LogLevel, one.message, rooms.out)
      return
    case 'capacity':
      if (!rooms.features.has('capacity') && !is('capacity-unasked')) return
      rooms.out.send(MessageType.CAPACITY, (writer) => {
        writer.capacity = is('capacity-other') ? 9 : one.count
        if (is('capacity-reserved')) writer.bytes[20] = 1
      })
      return
    case 'burn': {
      const until = performance.now() + one.ms
      while (performance.now() < until);
      return
    }
    case 'stream': {
      for (let i = 0; i < one.parts; i += 1) output.push(pattern(one.size, one.seed + i))
      return
    }
    default:
      throw new Failed(is('bad-input-as-own') ? 'handler_error' : 'bad_input', 'the program cannot be read')
  }
}

async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  if (is('sleeps-busy')) {
    // Keeps the process from everything else.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Math.min(ms, 4_000))
    return
  }
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms)
    if (is('cancel-unheard')) return
    const wake = (): void => {
      clearTimeout(timer)
      resolve()
    }
    if (signal.aborted) wake()
    else signal.addEventListener('abort', wake)
  })
}

function print(stream: 'stdout' | 'stderr', count: number, rooms: Rooms): void {
  const letters = Buffer.alloc(count, stream === 'stdout' ? 'o' : 'e')
  if (is(`${stream}-on-channel`)) {
    rooms.out.writeNow(letters.subarray(0, 1024))
    return
  }
  if (is(`${stream}-swallowed`)) return
  for (let at = 0; at < letters.length; ) at += writeSync(stream === 'stdout' ? 1 : 2, letters, at)
}

function log(call: ServedCall, level: LogLevel, message: string, out: Out): void {
  const body = encodeBody(LogSchema, {
    level: is('log-level-fixed') ? 2 : level,
    message: is('log-text-lost') ? '' : message,
  })
  out.sendWhole(
    spanMessages(MessageType.LOG, body, (writer) => {
      writer.callId = call.id
    }),
  )
}

function encodeOutcome(outcome: CallOutcome): Uint8Array {
  if ('output' in outcome) return Buffer.concat([Uint8Array.of(0), u32(outcome.output.length), outcome.output])
  const { reason, status, retryable, code, message } = outcome.failure
  const text = Buffer.from(message)
  const name = Buffer.from(code)
  const retry = retryable === undefined ? 0 : retryable ? 1 : 2
  return Buffer.concat([
    Uint8Array.of(1, REASONS[reason].value, status, retry),
    u32(name.length).subarray(0, 2),
    name,
    u32(text.length).subarray(0, 2),
    text,
  ])
}

function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value, true)
  return bytes
}
