/** The golden vectors, whole, byte by byte and in random cuts, through assembler and judge. */
import { describe, expect, it } from 'vitest'
import { readPrefix } from './cold.ts'
import { ColdSpan } from './cold-span.ts'
import { MESSAGE_BYTES, TYPES } from './generated/layout.ts'
import {
  type GoldenStream,
  type GoldenVector,
  golden,
  goldenStreams,
  goldenVectors,
  judgeBody,
  meaning,
  ruleIds,
} from './golden.ts'
import { MessageAssembler } from './message-assembler.ts'
import { MessageView, MessageWriter } from './message-view.ts'
import { cuts, Random } from './random.ts'
import { ACCEPT, IGNORE, judge, type Sender } from './verdict.ts'

const vectors = goldenVectors()
const streams = goldenStreams()
const SEEDS = [1, 2, 3, 4, 5]

/** Ways to bring bytes to a receiver. */
const WAYS: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array[]>> = {
  whole: (bytes) => [bytes],
  'byte by byte': (bytes) => Array.from(bytes, (byte) => Uint8Array.of(byte)),
  'in halves of messages': (bytes) =>
    Array.from({ length: Math.ceil(bytes.length / 512) }, (_, i) => bytes.slice(512 * i, 512 * (i + 1))),
  ...Object.fromEntries(
    SEEDS.map((seed) => [`in cuts of seed ${seed}`, (bytes: Uint8Array) => cuts(new Random(seed), bytes, 3000)]),
  ),
}

const camel = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())

function shown(value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value
}

/** What became of a message: `accept`, `ignore`, or the rule that it breaks. */
function outcome(view: MessageView, sender: Sender, stage: GoldenVector['stage']): string {
  const verdict = judge(view, sender)
  if (verdict === IGNORE) return IGNORE
  if (verdict !== ACCEPT) return verdict.rule
  if (stage === 'message') return ACCEPT
  const body = judgeBody(view, sender, view.body)
  return body === ACCEPT ? ACCEPT : body.rule
}

/** Feeds pieces to an assembler and hands on each message. */
function assemble(pieces: readonly Uint8Array[], onMessage: (view: MessageView) => boolean): MessageAssembler {
  const assembler = new MessageAssembler({ onMessage })
  for (const piece of pieces) assembler.push(piece)
  return assembler
}

describe('the golden vectors', () => {
  it('are more than 100, show every type, and have rejects', () => {
    expect(vectors.length).toBeGreaterThan(100)
    const accepted = new Set(vectors.filter((vector) => vector.result === 'accept').map((vector) => vector.type))
    expect([...accepted].sort()).toEqual(
      Object.values(TYPES)
        .map((info) => info.name)
        .sort(),
    )
    expect(vectors.filter((vector) => vector.result === 'reject').length).toBeGreaterThan(100)
  })

  it('name rules that the spec has, and so does every verdict on them', () => {
    const rules = ruleIds()
    expect(rules.size).toBeGreaterThan(0)
    const missing = new Set<string>()
    for (const vector of vectors) {
      const verdict = judge(new MessageView(golden(vector)), vector.sender)
      if (typeof verdict !== 'string' && !rules.has(verdict.rule)) missing.add(verdict.rule)
      if (vector.rule !== undefined && !rules.has(vector.rule)) missing.add(vector.rule)
    }
    expect([...missing]).toEqual([])
  })

  it.each(Object.keys(WAYS))('get the listed result when they come one after the other, %s', (way) => {
    const bytes = Buffer.concat(vectors.map(golden))
    const results: string[] = []
    const assembler = assemble(WAYS[way]!(bytes), (view) => {
      const vector = vectors[results.length]!
      results.push(outcome(view, vector.sender, vector.stage))
      return true
    })
    expect(assembler.pendingBytes).toBe(0)
    const wrong = vectors.flatMap((vector, i) => {
      const wanted = vector.result === 'reject' ? vector.rule : vector.result
      return results[i] === wanted ? [] : [`${vector.id}: ${results[i]}, not ${wanted}`]
    })
    expect(wrong).toEqual([])
  })

  it('show each listed field through the view, at any offset of its buffer', () => {
    const wrong: string[] = []
    for (const vector of vectors) {
      const buffer = new Uint8Array(MESSAGE_BYTES + 13).fill(0xee)
      buffer.set(golden(vector), 13)
      const view = new MessageView(buffer).moveTo(13)
      for (const [field, value] of Object.entries(vector.fields)) {
        if (field === 'reserved') continue
        const read = shown((view as unknown as Record<string, unknown>)[camel(field)])
        if (read !== value) wrong.push(`${vector.id}: ${field} is ${read}, not ${value}`)
      }
    }
    expect(wrong).toEqual([])
  })

  it('are written byte for byte from their fields and body by the writer, into a slot full of ones', () => {
    for (const vector of vectors.filter((one) => one.result === 'accept' && one.id !== 'data-stale-tail')) {
      const bytes = new Uint8Array(MESSAGE_BYTES).fill(0xff)
      const writer = new MessageWriter(bytes).begin(vector.fields.type as number)
      const fields = writer as unknown as Record<string, unknown>
      for (const [field, value] of Object.entries(vector.fields)) {
        if (field === 'reserved') continue
        fields[camel(field)] = typeof value === 'string' ? Uint8Array.from(Buffer.from(value, 'hex')) : value
      }
      const source = golden(vector)
      const length = vector.fields.body_length as number
      writer.copyBody(source, 64, length).end(length, 960)
      expect(Buffer.compare(bytes, source), vector.id).toBe(0)
    }
  })

  it('mean what they list: version prefix and protobuf', () => {
    const cold = vectors.filter((vector) => vector.proto !== undefined)
    expect(cold.length).toBeGreaterThan(10)
    for (const vector of cold) {
      const view = new MessageView(golden(vector))
      expect(meaning(view.type, view.body), vector.id).toEqual(vector.proto!.value)
      if (vector.prefix === undefined) continue
      expect(readPrefix(view.body), vector.id).toEqual({
        min: vector.prefix.version_min,
        max: vector.prefix.version_max,
      })
    }
  })
})

/** The bytes of each direction of a stream, and where each message begins in the order of the onlooker. */
function run(
  stream: GoldenStream,
  cut: (bytes: Uint8Array) => Uint8Array[],
): { rule?: string; at?: number; meanings: unknown[] } {
  const spans: Record<Sender, ColdSpan> = { worker: new ColdSpan(), engine: new ColdSpan() }
  const meanings: unknown[] = []
  for (const [at, message] of stream.messages.entries()) {
    const missing = at === stream.messages.length - 1 ? (stream.missing ?? 0) : 0
    let rule: string | undefined
    const assembler = assemble(cut(golden(message).subarray(0, MESSAGE_BYTES - missing)), (view) => {
      rule = step(view, message.sender, spans[message.sender], (value) => {
        meanings[at] = value
      })
      return rule === undefined
    })
    if (assembler.pendingBytes > 0) rule = 'channel-truncated'
    if (rule !== undefined) return { rule, at, meanings }
  }
  return { meanings }
}

function step(view: MessageView, sender: Sender, span: ColdSpan, mean: (value: unknown) => void): string | undefined {
  const verdict = judge(view, sender)
  if (verdict === IGNORE) return undefined
  if (verdict !== ACCEPT) return verdict.rule
  const info = TYPES[view.type]!
  if (!span.open && !info.spans) {
    mean(meaning(view.type, view.body))
    return undefined
  }
  const body = span.take(view)
  if (body === undefined) return undefined
  if (!(body instanceof Uint8Array)) return body.rule
  const judged = judgeBody(view, sender, body)
  if (judged !== ACCEPT) return judged.rule
  mean(meaning(view.type, body))
  return undefined
}

describe('the golden streams', () => {
  it('are there, with rejects', () => {
    expect(streams.length).toBeGreaterThan(10)
    expect(streams.some((stream) => stream.result === 'reject')).toBe(true)
  })

  it.each(Object.keys(WAYS))('get the listed verdict at the listed message, %s', (way) => {
    for (const stream of streams) {
      const { rule, at, meanings } = run(stream, WAYS[way]!)
      expect({ rule, at }, stream.id).toEqual({ rule: stream.rule, at: stream.at })
      for (const [i, message] of stream.messages.entries()) {
        if (message.proto !== undefined && (at === undefined || i < at))
          expect(meanings[i], `${stream.id}, message ${i}`).toEqual(message.proto.value)
      }
    }
  })
})
