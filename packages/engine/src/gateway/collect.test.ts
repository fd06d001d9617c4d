import { expect, test } from 'vitest'
import { collect } from './collect.ts'
import type { Door, DoorCall, DoorListener, DoorRequest } from './door.ts'

const timing = { queueUs: 1, runUs: 2, totalUs: 3 }

/** A door with one call, played by hand. */
class OneCall implements Door, DoorCall {
  readonly traceId = ''
  readonly spanId = ''
  listener!: DoorListener
  request!: DoorRequest
  readonly given: Uint8Array[] = []
  ended = false
  cancelled = false
  used = 0
  /** What `write` answers. */
  ready = true

  open(request: DoorRequest, listener: DoorListener): DoorCall {
    this.request = request
    this.listener = listener
    return this
  }
  write(bytes: Uint8Array): boolean {
    this.given.push(bytes.slice())
    return this.ready
  }
  end(): void {
    this.ended = true
  }
  consumed(bytes: number): void {
    this.used += bytes
  }
  cancel(): void {
    this.cancelled = true
  }
}

test('gives the whole input, heeding the answer of write, and collects the whole output', async () => {
  const door = new OneCall()
  door.ready = false
  const input = new Uint8Array(150_000).fill(3)
  const outcome = collect(door, 'f', input, { content: 1, priority: 0, timeoutUs: 9 }, 1_000)
  expect(door.request).toEqual({
    function: 'f',
    content: 1,
    priority: 0,
    timeoutUs: 9,
    trace: undefined,
    inputBytes: 150_000,
  })
  expect(door.given).toHaveLength(1)
  door.listener.onDrain()
  door.listener.onDrain()
  expect(door.ended).toBe(false)
  door.listener.onDrain()
  expect(door.ended).toBe(true)
  expect(Buffer.compare(Buffer.concat(door.given), input)).toBe(0)
  door.listener.onHead(6, 3)
  door.listener.onOutput(Uint8Array.of(1))
  door.listener.onOutput(Uint8Array.of(2, 3))
  door.listener.onEnd(timing)
  expect(await outcome).toEqual({ ok: true, output: Uint8Array.of(1, 2, 3), content: 6, timing })
  expect(door.used).toBe(3)
})

test('an output over its bound cancels the call and is payload_too_large', async () => {
  const door = new OneCall()
  const outcome = collect(door, 'f', new Uint8Array(0), {}, 3)
  door.listener.onHead(0, undefined)
  door.listener.onOutput(new Uint8Array(4))
  expect(await outcome).toMatchObject({ ok: false, failure: { reason: 'payload_too_large' } })
  expect(door.cancelled).toBe(true)
})

test('aborting cancels the call, before it begins as well, and its reason is told', async () => {
  for (const early of [true, false]) {
    const door = new OneCall()
    const abort = new AbortController()
    if (early) abort.abort(new Error('enough'))
    const outcome = collect(door, 'f', new Uint8Array(9), { signal: abort.signal }, 100)
    abort.abort(new Error('enough'))
    expect(await outcome).toMatchObject({ ok: false, failure: { reason: 'cancelled', message: 'enough' } })
    expect(door.cancelled).toBe(true)
    expect(door.given.length).toBe(early ? 0 : 1)
  }
})
