import { Flag, MessageType, MessageView, MessageWriter } from '@millrace/protocol'
import { expect, test } from 'vitest'
import { Watch } from './watch.ts'

function message(type: number, fill: (writer: MessageWriter) => void = () => {}, body = ''): MessageView {
  const bytes = new Uint8Array(1024)
  const writer = new MessageWriter(bytes).begin(type)
  fill(writer)
  writer.copyBody(Buffer.from(body), 0, body.length)
  writer.end(body.length, 0)
  return new MessageView(bytes)
}

/** A watch of a worker that was welcomed and has call 2 open. */
function watch(): Watch {
  const one = new Watch('worker', 'secret')
  one.hello = { functions: [], features: ['streaming'] } as never
  one.welcome = { features: ['streaming'], limits: { maxCalls: 4, maxOpenPings: 1 }, functions: [] } as never
  one.sent(
    message(MessageType.INVOKE, (writer) => {
      writer.callId = 2
      writer.functionId = 1
      writer.attempt = 1
    }),
  )
  return one
}

const result = (fill: (writer: MessageWriter) => void, body = ''): MessageView =>
  message(
    MessageType.RESULT,
    (writer) => {
      writer.callId = 2
      writer.payloadLength = body.length
      fill(writer)
    },
    body,
  )

test('a good RESULT is taken, and a second one breaks call-one-final', () => {
  const one = watch()
  expect(one.received(result(() => {}))).toHaveProperty('body')
  expect(one.received(result(() => {}))).toMatchObject({ rule: 'call-one-final' })
})

test('the 33rd DATA without a WINDOW breaks data-credit', () => {
  const one = watch()
  one.received(
    result((writer) => {
      writer.flags = Flag.MORE
      writer.payloadLength = 0xffff_ffff
    }),
  )
  const data = message(
    MessageType.DATA,
    (writer) => {
      writer.callId = 2
      writer.flags = Flag.MORE
    },
    'x',
  )
  for (let i = 0; i < 32; i += 1) expect(one.received(data)).toHaveProperty('body')
  expect(one.received(data)).toMatchObject({ rule: 'data-credit' })
})

test('a byte behind the body breaks message-tail-zero, before anything else is looked at', () => {
  const view = result(() => {}, 'abc')
  view.bytes[1000] = 1
  expect(watch().received(view)).toMatchObject({ rule: 'message-tail-zero' })
})

test('a message before HELLO, and one after GOODBYE, break their rules', () => {
  const one = new Watch('worker', 'secret')
  expect(one.received(message(MessageType.PING))).toMatchObject({ rule: 'handshake-hello-first' })
  const two = watch()
  two.released = true
  two.received(message(MessageType.GOODBYE, () => {}, 'MILLRACE\u0001\u0000\u0001\u0000\u0000\u0000\u0000\u0000'))
  expect(two.received(message(MessageType.PING))).toMatchObject({ rule: 'goodbye-last' })
})

test('a stream that ends inside a message breaks message-size', () => {
  expect(watch().ended(500)).toMatchObject({ rule: 'message-size' })
  expect(watch().ended(0)).toBeUndefined()
})
