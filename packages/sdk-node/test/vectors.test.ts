/** Every golden vector that an engine sends, given to a worker. */
import { readdirSync, readFileSync } from 'node:fs'
import { MESSAGE_BYTES, MessageType, type MessageView } from '@millrace/protocol'
import { decodePrefixed, GoodbyeSchema } from '@millrace/protocol/cold'
import { describe, expect, it } from 'vitest'
import { fn } from '../src/index.ts'
import { ScriptedEngine } from './scripted-engine.ts'

interface Vector {
  readonly id: string
  readonly stage: 'message' | 'body'
  readonly sender: 'engine' | 'worker'
  readonly type: string | number
  readonly hex: string
  readonly result: 'accept' | 'ignore' | 'reject'
  readonly rule?: string
}

const FOLDER = new URL('../../../spec/vectors/', import.meta.url)
const vectors: Vector[] = readdirSync(FOLDER)
  .flatMap((file) => (JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as { vectors?: Vector[] }).vectors ?? [])
  .filter((vector) => vector.sender === 'engine')

/** Rules that a message breaks by itself, whatever the channel's state. */
const OWN_RULES = new Set(
  vectors.filter(({ stage, result }) => stage === 'message' && result === 'reject').map(({ rule }) => rule),
)

const greet = fn('greet', (name: string) => name)

function bytesOf(vector: Vector): Uint8Array {
  const bytes = new Uint8Array(MESSAGE_BYTES)
  bytes.set(Buffer.from(vector.hex, 'hex'))
  return bytes
}

function ruleOf(messages: readonly MessageView[]): string | undefined {
  const goodbye = messages.find((view) => view.type === MessageType.GOODBYE)
  return goodbye === undefined ? undefined : decodePrefixed(GoodbyeSchema, goodbye.body)!.rule
}

describe('golden vectors of the engine', () => {
  it('are more than 100, with accepts and rejects', () => {
    expect(vectors.length).toBeGreaterThan(100)
    expect(new Set(vectors.map(({ result }) => result))).toContain('reject')
  })

  for (const vector of vectors.filter(({ stage }) => stage === 'message')) {
    it(`${vector.id}: ${vector.result} ${vector.rule ?? ''}`, async () => {
      const engine = await ScriptedEngine.start([greet])
      engine.send(bytesOf(vector))
      const rule = ruleOf(await engine.waiting())
      if (vector.result === 'reject') {
        expect(rule).toBe(vector.rule)
        expect(await engine.exited).toBe(76)
      } else {
        // The channel's state may still forbid it, such as a RESULT for a call that was never made.
        expect(OWN_RULES).not.toContain(rule)
        if (vector.result === 'ignore') expect(rule).toBeUndefined()
      }
    })
  }

  for (const vector of vectors.filter(({ stage, type }) => stage === 'body' && type === 'WELCOME')) {
    it(`${vector.id}: ${vector.result} ${vector.rule ?? ''}`, async () => {
      const functions = ['echo', 'word.count'].map((name) => fn(name, () => name))
      const engine = new ScriptedEngine(functions, { maxCalls: 8 })
      const started = engine.worker.start()
      await engine.hello()
      engine.send(bytesOf(vector))
      expect(ruleOf(await engine.waiting())).toBe(vector.rule)
      if (vector.result === 'accept') await started
      else await expect(started).rejects.toThrow(vector.rule)
    })
  }

  for (const vector of vectors.filter(({ stage, type }) => stage === 'body' && type === 'ERROR')) {
    it(`${vector.id}: ${vector.result}`, async () => {
      const call = fn('call', (_: null, ctx) => ctx.call(greet, 'x').catch((error: { reason: string }) => error.reason))
      const engine = await ScriptedEngine.start([greet, call])
      const id = engine.invoke('call', null)
      expect((await engine.next(MessageType.INVOKE)).callId).toBe(1)
      engine.send(bytesOf(vector))
      // The engine's id is stale, as it says: the worker asks once more.
      if (vector.id === 'error-reason-not-found') await engine.next(MessageType.RESOLVE)
      else expect(`error-reason-${String(await engine.result(id)).replaceAll('_', '-')}`).toBe(vector.id)
    })
  }
})
