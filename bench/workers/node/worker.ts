/** The functions of the bench in TypeScript. The other three workers have the same, under the names of their languages. */
import { type Context, fn } from '@millrace/sdk'
import { HELLO } from '../../http/hello.ts'
import { makeCalls, makeCallsAtRate } from './lanes.ts'
import { parseLoad, samplesBytes } from './load.ts'
import { type ProbeRequest, probe } from './probe.ts'

const hello = new TextEncoder().encode(HELLO)
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

/** Sends back what it got. */
export const echo = fn.bytes('node.echo', (input) => input)

/** What the bare HTTP server says too. */
export const sayHello = fn.bytes('node.hello', { content: 'text' }, () => hello)

/** Times calls from inside. */
export const calls = fn.bytes('node.calls', async (input, ctx) =>
  samplesBytes(await makeCalls(parseLoad(text(input)), ctx)),
)

/** The same at a rate: its input is a load and one more word, calls per second. */
export const open = fn.bytes('node.open', async (input, ctx) => {
  const words = text(input).split(' ')
  const load = parseLoad(words.slice(0, -1).join(' '))
  return samplesBytes(await makeCallsAtRate(load, Number(words.at(-1)), ctx))
})

/** Calls `next` with one less in its first byte, until that is 0. */
async function hop(next: string, input: Uint8Array, ctx: Context): Promise<Uint8Array> {
  if (input[0] === 0) return input
  input[0]! -= 1
  return await ctx.callBytes(next, input)
}

/** A chain of eight functions: each calls the one after it, and the last sends back what it got. */
const step = (number: number) =>
  fn.bytes(`node.step-${number}`, async (input, ctx) => await ctx.callBytes(`node.step-${number + 1}`, input))
export const [step1, step2, step3, step4] = [step(1), step(2), step(3), step(4)]
export const [step5, step6, step7] = [step(5), step(6), step(7)]
export const step8 = fn.bytes('node.step-8', (input) => input)

export const ping = fn.bytes('node.ping', async (input, ctx) => await hop('node.pong', input, ctx))
export const pong = fn.bytes('node.pong', async (input, ctx) => await hop('node.ping', input, ctx))
export const recurse = fn.bytes('node.recurse', async (input, ctx) => await hop('node.recurse', input, ctx))

/** Streams parts: its input says how many, and of how many bytes. */
export const source = fn.bytes('node.source', async function* (input) {
  const [parts, bytes] = text(input).split(' ').map(Number) as [number, number]
  const part = new Uint8Array(bytes)
  for (let i = 0; i < parts; i += 1) yield part
})

/** Reads a stream to its end, and times it. Its input: the function that streams, streams, parts of each, bytes of each part. */
export const reads = fn.bytes('node.reads', async (input, ctx) => {
  const [callee, ...words] = text(input).split(' ')
  const [count, parts, bytes] = words.map(Number) as [number, number, number]
  const samplesNs = new Uint32Array(count)
  const begun = performance.now()
  for (let i = 0; i < count; i += 1) {
    const at = performance.now()
    let read = 0
    const wanted = new TextEncoder().encode(`${parts} ${bytes}`)
    for await (const part of ctx.callStream(callee!, wanted)) read += part.length
    if (read !== parts * bytes) throw new Error(`${callee} streamed ${read} bytes instead of ${parts * bytes}`)
    samplesNs[i] = (performance.now() - at) * 1e6
  }
  return samplesBytes({ elapsedNs: (performance.now() - begun) * 1e6, samplesNs })
})

export const callerProbe = fn('node.caller.probe', async (request: ProbeRequest) => await probe(request))
export const calleeProbe = fn('node.callee.probe', async (request: ProbeRequest) => await probe(request))
