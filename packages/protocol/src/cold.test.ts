/** Bodies of cold messages: version prefix, spans and failures, there and back. */
import { describe, expect, it } from 'vitest'
import {
  decodeFailure,
  decodePrefixed,
  encodeBody,
  encodeFailure,
  encodePrefixed,
  type Failure,
  FailureSchema,
  failure,
  HelloSchema,
  readPrefix,
  reasonName,
  spanMessages,
} from './cold.ts'
import { ColdSpan } from './cold-span.ts'
import { COLD_MESSAGE_BYTES_MAX, MESSAGE_BYTES, MessageType, REASONS, type ReasonName } from './generated/layout.ts'
import { MessageView } from './message-view.ts'
import { ACCEPT, judge } from './verdict.ts'

const whole: Failure = failure('bad_input', 'no “words”', {
  code: 'E_EMPTY',
  errorType: 'RangeError',
  stack: 'at count',
  retryable: false,
  function: 'word.count',
})

function join(bytes: Uint8Array): Uint8Array | undefined {
  const span = new ColdSpan()
  const view = new MessageView(bytes)
  for (let at = 0; at < bytes.length; at += MESSAGE_BYTES) {
    expect(judge(view.moveTo(at), 'worker')).toBe(ACCEPT)
    const body = span.take(view)
    if (body instanceof Uint8Array) return at + MESSAGE_BYTES === bytes.length ? body : undefined
    if (body !== undefined) throw new Error(body.rule)
  }
  return undefined
}

describe('a version prefix', () => {
  it('comes back with the protobuf message behind it', () => {
    const body = encodePrefixed(HelloSchema, { token: 't', maxCalls: 3 }, { min: 1, max: 65535 })
    expect(readPrefix(body)).toEqual({ min: 1, max: 65535 })
    expect(decodePrefixed(HelloSchema, body)).toMatchObject({ token: 't', maxCalls: 3 })
  })

  it('is undefined in 15 bytes, without its magic, and with a reserved byte set', () => {
    const body = encodePrefixed(HelloSchema, {})
    expect(readPrefix(body.subarray(0, 15))).toBeUndefined()
    for (const at of [0, 7, 12, 15]) {
      const other = body.slice()
      other[at]! ^= 1
      expect(readPrefix(other)).toBeUndefined()
    }
    expect(readPrefix(body)).toEqual({ min: 1, max: 1 })
  })
})

describe('spanMessages', () => {
  it.each([0, 1, 959, 960, 961, 1920, COLD_MESSAGE_BYTES_MAX])(
    'makes messages of %i bytes that the receiver joins again',
    (length) => {
      const body = Uint8Array.from({ length }, (_, i) => i * 7)
      const bytes = spanMessages(MessageType.ERROR, body, (message) => {
        message.callId = 2
        message.status = 2
      })
      expect(bytes.length).toBe(MESSAGE_BYTES * Math.max(1, Math.ceil(length / 960)))
      expect(join(bytes)).toEqual(body)
    },
  )
})

describe('a failure', () => {
  it('comes back as it went', () => {
    expect(decodeFailure(encodeFailure(whole), whole.status)).toEqual(whole)
  })

  it.each(Object.keys(REASONS) as ReasonName[])('has the status of its reason %s', (reason) => {
    const made = failure(reason, 'm')
    expect(made.status).toBe(REASONS[reason].status)
    expect(decodeFailure(encodeFailure(made), made.status)).toEqual(made)
    expect(reasonName(REASONS[reason].value)).toBe(reason)
  })

  it.each([true, false, undefined])('says retry %s', (retryable) => {
    expect(decodeFailure(encodeFailure({ ...whole, retryable }), 3)?.retryable).toBe(retryable)
  })

  it('is a handler_error with the status of the header when the body is empty', () => {
    expect(decodeFailure(new Uint8Array(0), 7)).toMatchObject({ reason: 'handler_error', status: 7, message: '' })
  })

  it('reads a reason and a retry hint of a later version as handler_error and not said', () => {
    const body = encodeBody(FailureSchema, { reason: 999 as never, retry: 9 as never })
    expect(decodeFailure(body, 14)).toMatchObject({ reason: 'handler_error', status: 14, retryable: undefined })
    expect(reasonName(999)).toBeUndefined()
  })

  it('is undefined for bytes that are no protobuf message', () => {
    expect(decodeFailure(Uint8Array.of(0x0a, 0x05, 0x61), 2)).toBeUndefined()
    expect(decodeFailure(Uint8Array.of(0x1a, 0x01, 0xff), 2)).toBeUndefined()
  })

  it('fits a cold message however long its texts are, and never cuts a character', () => {
    const long = '“'.repeat(100_000)
    const body = encodeFailure({ ...whole, message: long, stack: long, code: long, errorType: long, function: long })
    expect(body.length).toBeLessThanOrEqual(COLD_MESSAGE_BYTES_MAX)
    const back = decodeFailure(body, 3)!
    expect(back.message).toBe('“'.repeat(Math.floor(16_384 / 3)))
    expect(new Set(back.stack + back.code + back.errorType + back.function)).toEqual(new Set(['“']))
  })

  it('keeps a text with half a surrogate pair readable', () => {
    expect(decodeFailure(encodeFailure({ ...whole, message: 'a\ud800b' }), 3)?.message).toBe('a\ufffdb')
  })
})
