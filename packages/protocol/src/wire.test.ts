/** Assembler, writer, spans, call ids and names, where the golden vectors do not reach. */
import { describe, expect, it } from 'vitest'
import { isAfter, nextCallId } from './call-ids.ts'
import { ColdSpan } from './cold-span.ts'
import { COLD_MESSAGE_BYTES_MAX, Flag, MESSAGE_BYTES, MessageType } from './generated/layout.ts'
import { MessageAssembler } from './message-assembler.ts'
import { MessageView, MessageWriter } from './message-view.ts'
import { isFunctionName } from './names.ts'
import { announcedBytes, headerHex } from './verdict.ts'

function written(type: number, write: (message: MessageWriter) => void, body = new Uint8Array(0)): MessageView {
  const bytes = new Uint8Array(MESSAGE_BYTES)
  const writer = new MessageWriter(bytes).begin(type)
  write(writer)
  writer.copyBody(body, 0, body.length).end(body.length, 0)
  return new MessageView(bytes)
}

const log = (length: number, more: boolean): MessageView =>
  written(
    MessageType.LOG,
    (m) => {
      m.flags = more ? Flag.MORE : 0
    },
    new Uint8Array(length).fill(7),
  )

describe('MessageAssembler', () => {
  it('keeps 1,023 bytes and hands on the message with the 1,024th', () => {
    const types: number[] = []
    const assembler = new MessageAssembler({ onMessage: (view) => types.push(view.type) > 0 })
    const message = log(0, false).whole
    assembler.push(message.subarray(0, 1023))
    expect([types.length, assembler.pendingBytes]).toEqual([0, 1023])
    assembler.push(message.subarray(1023))
    expect([types, assembler.pendingBytes]).toEqual([[MessageType.LOG], 0])
  })

  it('takes only the first `length` bytes of a chunk', () => {
    let count = 0
    const assembler = new MessageAssembler({ onMessage: () => ++count > 0 })
    assembler.push(new Uint8Array(4 * MESSAGE_BYTES), 2 * MESSAGE_BYTES + 10)
    expect([count, assembler.pendingBytes]).toEqual([2, 10])
    assembler.push(new Uint8Array(4 * MESSAGE_BYTES), MESSAGE_BYTES - 10)
    expect([count, assembler.pendingBytes]).toEqual([3, 0])
  })

  it('stops for ever when the sink refuses a message, in the middle of a chunk and in a split message', () => {
    for (const first of [5 * MESSAGE_BYTES, 100]) {
      let count = 0
      const assembler = new MessageAssembler({
        onMessage: () => {
          count += 1
          return false
        },
      })
      assembler.push(new Uint8Array(first))
      assembler.push(new Uint8Array(5 * MESSAGE_BYTES))
      expect([count, assembler.stopped, assembler.pendingBytes]).toEqual([1, true, 0])
    }
  })

  it('shows new bytes when one buffer is read into again and again', () => {
    const buffer = new Uint8Array(2 * MESSAGE_BYTES)
    const seen: number[] = []
    const assembler = new MessageAssembler({ onMessage: (view) => seen.push(view.callId) > 0 })
    const writer = new MessageWriter(buffer)
    for (const id of [1, 3, 5]) {
      writer.moveTo(0).begin(MessageType.CANCEL).callId = id
      writer.moveTo(MESSAGE_BYTES).begin(MessageType.CANCEL).callId = id + 100
      assembler.push(buffer)
    }
    expect(seen).toEqual([1, 101, 3, 103, 5, 105])
  })
})

describe('MessageWriter', () => {
  it('clears what a longer earlier message left in header and body, and nothing of its neighbours', () => {
    const bytes = new Uint8Array(3 * MESSAGE_BYTES).fill(0xaa)
    const writer = new MessageWriter(bytes).moveTo(MESSAGE_BYTES).begin(MessageType.DATA)
    writer.copyBody(Uint8Array.of(1, 2, 3), 0, 3).end(3, 960)
    const message = bytes.subarray(MESSAGE_BYTES, 2 * MESSAGE_BYTES)
    expect([...message.subarray(0, 4), ...message.subarray(64, 67)]).toEqual([MessageType.DATA, 0, 3, 0, 1, 2, 3])
    expect(message.subarray(4, 64).every((byte) => byte === 0)).toBe(true)
    expect(message.subarray(67).every((byte) => byte === 0)).toBe(true)
    expect(bytes.subarray(0, MESSAGE_BYTES).every((byte) => byte === 0xaa)).toBe(true)
    expect(bytes.subarray(2 * MESSAGE_BYTES).every((byte) => byte === 0xaa)).toBe(true)
  })

  it.each([0, 1, 64, 65, 959, 960])('copies a body of %i bytes from the middle of a source', (length) => {
    const source = Uint8Array.from({ length: 2000 }, (_, i) => i)
    const bytes = new Uint8Array(MESSAGE_BYTES)
    new MessageWriter(bytes).begin(MessageType.DATA).copyBody(source, 500, length).end(length, 0)
    expect(Buffer.compare(new MessageView(bytes).body, source.subarray(500, 500 + length))).toBe(0)
  })

  it('cuts numbers to the width of their field', () => {
    const writer = new MessageWriter(new Uint8Array(MESSAGE_BYTES)).begin(MessageType.INVOKE)
    writer.callId = 2 ** 32 + 5
    writer.depth = 257
    expect([writer.callId, writer.depth, writer.content]).toEqual([5, 1, 0])
  })
})

describe('MessageView', () => {
  it('prints type, call and the fields that are not zero, in wire order', () => {
    const view = written(MessageType.INVOKE, (m) => {
      m.callId = 2
      m.functionId = 9
      m.timeoutUs = 500
    })
    expect(`${view}`).toBe('INVOKE, call 2, body 0, function_id 9, timeout_us 500')
    expect(`${written(0xf0, () => {})}`).toBe('type 0xf0 (unknown)')
    expect(headerHex(view)).toMatch(/^10000000020000000900000000000000f4010000[0]+$/)
    expect(headerHex(view)).toHaveLength(128)
  })
})

describe('ColdSpan', () => {
  it('gives a lone message at once, as a copy', () => {
    const view = log(3, false)
    const body = new ColdSpan().take(view)
    view.bytes.fill(0)
    expect(body).toEqual(Uint8Array.of(7, 7, 7))
  })

  it('joins parts of any length, empty ones too, and can be used again', () => {
    const span = new ColdSpan()
    for (let round = 0; round < 2; round += 1) {
      expect(span.take(log(0, true))).toBeUndefined()
      expect(span.open).toBe(true)
      expect(span.take(log(960, true))).toBeUndefined()
      expect(span.take(log(1, false))).toEqual(new Uint8Array(961).fill(7))
      expect(span.open).toBe(false)
    }
  })

  it('takes 65,536 bytes and refuses the 65,537th, whether more was to come or not', () => {
    for (const more of [true, false]) {
      const span = new ColdSpan()
      for (let i = 0; i < 68; i += 1) expect(span.take(log(960, true))).toBeUndefined()
      expect(span.take(log(COLD_MESSAGE_BYTES_MAX - 68 * 960, true))).toBeUndefined()
      expect(span.take(log(1, more))).toMatchObject({ rule: 'cold-span-bytes' })
    }
  })

  it('refuses another type, another call and another header between the parts', () => {
    const begun = (): ColdSpan => {
      const span = new ColdSpan()
      span.take(log(1, true))
      return span
    }
    expect(begun().take(written(MessageType.PING, () => {}))).toMatchObject({ rule: 'cold-span-consecutive' })
    expect(
      begun().take(
        written(MessageType.LOG, (m) => {
          m.callId = 2
        }),
      ),
    ).toMatchObject({ rule: 'cold-span-consecutive' })
    expect(
      begun().take(
        written(MessageType.LOG, (m) => {
          m.runUs = 2
        }),
      ),
    ).toMatchObject({ rule: 'cold-span-header' })
  })
})

describe('call ids', () => {
  it('rise by two and wrap to the first of their parity, never to 0', () => {
    expect(nextCallId(1)).toBe(3)
    expect(nextCallId(0xfffffffd)).toBe(0xffffffff)
    expect(nextCallId(0xffffffff)).toBe(1)
    expect(nextCallId(0xfffffffc)).toBe(0xfffffffe)
    expect(nextCallId(0xfffffffe)).toBe(2)
  })

  it('are after the last one when less than half a turn ahead, over the wrap too', () => {
    expect(isAfter(4, 2)).toBe(true)
    expect(isAfter(2, 2)).toBe(false)
    expect(isAfter(2, 4)).toBe(false)
    expect(isAfter(2, 0xfffffffe)).toBe(true)
    expect(isAfter(0xfffffffe, 2)).toBe(false)
    expect(isAfter(0x80000001, 2)).toBe(true)
    expect(isAfter(0x80000002, 2)).toBe(false)
  })
})

describe('function names', () => {
  it.each(['a', '9', 'word.count', 'A-b_c.d', 'n'.repeat(128)])('take %j', (name) =>
    expect(isFunctionName(name)).toBe(true),
  )
  it.each(['', '.a', '-a', '_a', 'a b', 'a/b', 'ä', 'a\n', 'n'.repeat(129)])('refuse %j', (name) =>
    expect(isFunctionName(name)).toBe(false),
  )
})

describe('announcedBytes', () => {
  it('is undefined for 0xFFFFFFFF alone', () => {
    expect([announcedBytes(0), announcedBytes(0xfffffffe), announcedBytes(0xffffffff)]).toEqual([
      0,
      0xfffffffe,
      undefined,
    ])
  })
})
