import { MESSAGE_BYTES, MessageType, MessageView } from '@millrace/protocol'
import { describe, expect, it } from 'vitest'
import { MemoryPipe } from '../test/memory-pipe.ts'
import { OUTBOX_MESSAGES_MAX } from './limits.ts'
import { Outbox } from './outbox.ts'

function put(outbox: Outbox, nonce: number, text = ''): boolean {
  const writer = outbox.begin(MessageType.PING)
  if (writer === undefined) return false
  writer.nonce = nonce
  outbox.end(outbox.buffer.write(text, writer.at + 64))
  return true
}

function pipeOf(room: number): { pipe: MemoryPipe; written: () => Buffer } {
  const pipe = new MemoryPipe()
  pipe.room = room
  const parts: Uint8Array[] = []
  pipe.onWritten = (bytes) => parts.push(bytes)
  return { pipe, written: () => Buffer.concat(parts) }
}

describe('Outbox', () => {
  it('keeps order and content while it grows and the pipe takes 1,000 bytes at a time', () => {
    const outbox = new Outbox()
    const { pipe, written } = pipeOf(0)
    for (let nonce = 1; nonce <= 500; nonce += 1) {
      put(outbox, nonce, `message ${nonce}`)
      pipe.room = 1_000
      outbox.flush(pipe)
    }
    pipe.room = Number.POSITIVE_INFINITY
    expect(outbox.flush(pipe)).toBe(true)
    expect(outbox.waiting).toBe(0)
    const all = written()
    expect(all.length).toBe(500 * MESSAGE_BYTES)
    const view = new MessageView(all)
    for (let nonce = 1; nonce <= 500; nonce += 1) {
      view.moveTo((nonce - 1) * MESSAGE_BYTES)
      expect(view.nonce).toBe(nonce)
      expect(Buffer.from(view.body).toString()).toBe(`message ${nonce}`)
      expect(all.subarray(view.at + 64 + view.bodyLength, view.at + MESSAGE_BYTES).every((byte) => byte === 0)).toBe(
        true,
      )
    }
  })

  it('refuses the message after the 16,384th and keeps those before', () => {
    const outbox = new Outbox()
    for (let nonce = 1; nonce <= OUTBOX_MESSAGES_MAX; nonce += 1) expect(put(outbox, nonce)).toBe(true)
    expect(put(outbox, 0)).toBe(false)
    expect(outbox.waiting).toBe(OUTBOX_MESSAGES_MAX)
    const { pipe, written } = pipeOf(Number.POSITIVE_INFINITY)
    outbox.flush(pipe)
    expect(written().length).toBe(OUTBOX_MESSAGES_MAX * MESSAGE_BYTES)
  })

  it('gives back the memory that a burst took, once it is empty', () => {
    const outbox = new Outbox()
    for (let nonce = 1; nonce <= 2_000; nonce += 1) put(outbox, nonce)
    outbox.flush(pipeOf(Number.POSITIVE_INFINITY).pipe)
    expect(outbox.buffer.length).toBe(64 * MESSAGE_BYTES)
  })
})
