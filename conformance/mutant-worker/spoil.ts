/** Mutants of what a worker sends: each takes a good message and gives what goes out in its place. */
import { HEADER_BYTES, MessageType, MessageView, MessageWriter } from '@millrace/protocol'
import { is } from './switch.ts'

type Spoiler = (view: MessageView, writer: MessageWriter) => readonly Uint8Array[] | undefined

const { RESULT, ERROR, PONG, GOODBYE, INVOKE, DATA, HELLO, RESOLVE, WINDOW, LOG } = MessageType

/** Changes one field of the messages of a type. */
const field =
  (type: number, change: (writer: MessageWriter) => void): Spoiler =>
  (view, writer) => {
    if (view.type === type) change(writer)
    return undefined
  }

/** Sends something before or after the messages of a type, once. */
const once = (type: number, make: (view: MessageView) => readonly Uint8Array[]): Spoiler => {
  let done = false
  return (view) => {
    if (done || view.type !== type) return undefined
    done = true
    return make(view)
  }
}

function message(type: number, fill: (writer: MessageWriter) => void = () => {}, body = ''): Uint8Array {
  const bytes = new Uint8Array(1024)
  const writer = new MessageWriter(bytes).begin(type)
  fill(writer)
  writer.copyBody(Buffer.from(body), 0, body.length)
  writer.end(body.length, 0)
  return bytes
}

const poke =
  (at: number, value: number) =>
  (writer: MessageWriter): void => {
    writer.bytes[writer.at + at] = value
  }

let previousBody: Uint8Array = new Uint8Array(0)

const SPOILERS: Readonly<Record<string, Spoiler>> = {
  // Any message.
  'tail-left': (view, writer) => {
    const body = view.body.slice()
    if (view.type === RESULT && previousBody.length > body.length) {
      writer.bytes.set(previousBody.subarray(body.length), HEADER_BYTES + body.length)
    }
    previousBody = body
    return undefined
  },
  'reserved-set': field(RESULT, poke(61, 1)),
  'nonce-big-endian': field(PONG, (writer) => {
    writer.nonce = Buffer.from(writer.bytes.subarray(16, 20)).readUInt32BE(0)
  }),
  'length-big-endian': field(RESULT, (writer) => {
    writer.bytes.subarray(2, 4).reverse()
  }),
  'type-unknown-sent': once(RESULT, (view) => [view.whole, message(0x5f)]),
  'type-vendor-sent': once(RESULT, (view) => [view.whole, message(0x60)]),
  'direction-wrong': once(RESULT, (view) => [view.whole, message(MessageType.DRAIN)]),
  'flags-unknown': field(RESULT, (writer) => {
    writer.flags |= 0x80
  }),
  'body-length-beyond': field(RESULT, (writer) => {
    writer.bodyLength = 961
  }),
  'status-on-result': field(RESULT, (writer) => {
    writer.status = 2
  }),
  'call-id-on-pong': field(PONG, (writer) => {
    writer.callId = 2
  }),
  'body-on-pong': field(PONG, (writer) => {
    writer.bodyLength = 1
  }),
  'last-message-short': (view) => (view.type === GOODBYE ? [view.whole.subarray(0, 500)] : undefined),
  // Calls.
  'final-for-stranger': field(RESULT, (writer) => {
    writer.callId += 1_000_000
  }),
  'final-with-odd-id': field(RESULT, (writer) => {
    writer.callId |= 1
  }),
  'final-twice': (view) => (view.type === RESULT && !view.more ? [view.whole, view.whole] : undefined),
  'final-missing': (view) => (view.type === RESULT && !view.more ? [] : undefined),
  'error-missing': (view) => (view.type === ERROR ? [] : undefined),
  'total-off-by-one': field(RESULT, (writer) => {
    if (!new MessageView(writer.bytes).more) writer.payloadLength += 1
  }),
  'output-bit-flipped': field(RESULT, (writer) => {
    if (writer.bodyLength > 0) writer.bytes[HEADER_BYTES]! ^= 1
  }),
  'output-byte-dropped': field(RESULT, (writer) => {
    if (writer.bodyLength !== 960) return
    writer.bodyLength -= 1
    writer.payloadLength -= 1
    writer.bytes[HEADER_BYTES + 959] = 0
  }),
  'cancel-of-callee': once(RESULT, (view) => [
    message(MessageType.CANCEL, (writer) => {
      writer.callId = view.callId
    }),
    view.whole,
  ]),
  'run-time-zero': field(RESULT, (writer) => {
    writer.runUs = 0
  }),
  'content-odd': field(RESULT, (writer) => {
    writer.content = 99
  }),
  'writes-mixed': (() => {
    let rest: Uint8Array | undefined
    return (view: MessageView) => {
      if (view.type !== RESULT) return undefined
      if (rest === undefined) {
        rest = view.whole.slice(32)
        return [view.whole.slice(0, 32)]
      }
      const late = rest
      rest = undefined
      return [view.whole, late]
    }
  })(),
  // PING.
  'nonce-wrong': field(PONG, (writer) => {
    writer.nonce = (writer.nonce + 1) >>> 0
  }),
  'open-calls-wrong': field(PONG, (writer) => {
    writer.openCalls = 0
  }),
  'open-calls-too-many': field(PONG, (writer) => {
    writer.openCalls += 1
  }),
  'pong-twice': (view) => (view.type === PONG ? [view.whole, view.whole] : undefined),
  'pong-missing': (view) => (view.type === PONG ? [] : undefined),
  'loaded-unasked': once(PONG, (view) => [message(MessageType.LOADED), view.whole]),
  'ping-flood': once(RESULT, (view) => [
    message(MessageType.PING),
    message(MessageType.PING),
    message(MessageType.PING),
    view.whole,
  ]),
  // Failures.
  'error-status-zero': field(ERROR, (writer) => {
    writer.status = 0
  }),
  'error-status-other': field(ERROR, (writer) => {
    writer.status = 2
  }),
  'error-unreadable': field(ERROR, poke(HEADER_BYTES, 0xff)),
  'error-parts-mixed': (view) =>
    view.type === ERROR && view.more ? [view.whole, message(MessageType.PING)] : undefined,
  'error-parts-differ': (view, writer) => {
    if (view.type === ERROR && view.more) writer.cpuUs = 7
    return undefined
  },
  // HELLO and GOODBYE.
  'hello-not-first': once(HELLO, (view) => [message(MessageType.PING), view.whole]),
  'hello-twice': once(PONG, (view) => [message(HELLO, () => {}, 'MILLRACE'), view.whole]),
  'hello-magic': field(HELLO, poke(HEADER_BYTES + 7, 0x46)),
  'hello-prefix-reserved': field(HELLO, poke(HEADER_BYTES + 12, 1)),
  'hello-version': field(HELLO, (writer) => {
    writer.bytes[HEADER_BYTES + 8] = 2
    writer.bytes[HEADER_BYTES + 10] = 9
  }),
  'hello-unreadable': field(HELLO, poke(HEADER_BYTES + 16, 0xff)),
  'hello-reserved': field(HELLO, poke(8, 1)),
  'welcome-not-awaited': once(HELLO, (view) => [view.whole, message(RESOLVE, () => {}, 'early')]),
  'goodbye-status': field(GOODBYE, (writer) => {
    writer.status = 3
  }),
  'goodbye-not-last': (view) => (view.type === GOODBYE ? [view.whole, message(MessageType.PING)] : undefined),
  'goodbye-missing': (view) => (view.type === GOODBYE ? [] : undefined),
  'breach-without-rule': (view, writer) => {
    if (view.type === GOODBYE && view.status !== 0) {
      writer.bytes.fill(0, HEADER_BYTES + 18)
      writer.bodyLength = 18
    }
    return undefined
  },
  // Internal calls.
  'invoke-even-id': field(INVOKE, (writer) => {
    writer.callId += 1
  }),
  'invoke-function-zero': field(INVOKE, (writer) => {
    writer.functionId = 0
  }),
  'invoke-length-wrong': field(INVOKE, (writer) => {
    writer.payloadLength += 1
  }),
  'invoke-attempt-zero': field(INVOKE, (writer) => {
    writer.attempt = 0
  }),
  'invoke-priority-8': field(INVOKE, (writer) => {
    writer.priority = 8
  }),
  'invoke-priority-zero': field(INVOKE, (writer) => {
    writer.priority = 0
  }),
  'invoke-priority-3': field(INVOKE, (writer) => {
    writer.priority = 3
  }),
  'invoke-parent-stranger': field(INVOKE, (writer) => {
    writer.parentCallId = 999_998
  }),
  'invoke-parent-none': field(INVOKE, (writer) => {
    writer.parentCallId = 0
  }),
  'invoke-depth-own': field(INVOKE, (writer) => {
    writer.depth = 5
  }),
  'resolve-no-name': field(RESOLVE, (writer) => {
    writer.bytes[HEADER_BYTES] = 0x2f
  }),
  // Streams.
  'data-without-more': field(DATA, (writer) => {
    writer.flags = 0
  }),
  'data-empty': once(DATA, (view) => {
    const empty = view.whole.slice()
    const writer = new MessageWriter(empty)
    writer.flags = 1
    writer.end(0, 960)
    return [empty, view.whole]
  }),
  'result-more-twice': (view) => (view.type === RESULT && view.more ? [view.whole, view.whole] : undefined),
  'data-before-head': (() => {
    let head: Uint8Array | undefined
    return (view: MessageView) => {
      if (view.type === RESULT && view.more) {
        head = view.whole
        return []
      }
      if (view.type !== DATA || head === undefined) return undefined
      const late = head
      head = undefined
      return [view.whole, late]
    }
  })(),
  'data-part-lost': (() => {
    let lost = false
    return (view: MessageView) => {
      if (view.type !== DATA || lost) return undefined
      lost = true
      return []
    }
  })(),
  'announced-wrong': (view, writer) => {
    if (view.type === RESULT && view.more && view.payloadLength !== 0xffff_ffff) writer.payloadLength += 1
    return undefined
  },
  'window-zero': field(WINDOW, (writer) => {
    writer.credit = 0
  }),
  'window-too-much': field(WINDOW, (writer) => {
    writer.credit *= 2
  }),
  'window-missing': (view) => (view.type === WINDOW ? [] : undefined),
  // LOG.
  'log-of-stranger': field(LOG, (writer) => {
    writer.callId = 1_000_000
  }),
  'log-of-none': field(LOG, (writer) => {
    writer.callId = 0
  }),
  'log-unreadable': field(LOG, poke(HEADER_BYTES, 0xff)),
}

/** What goes out in place of a message. */
export function spoil(view: MessageView): readonly Uint8Array[] {
  const name = Object.keys(SPOILERS).find(is)
  if (name === undefined) return [view.whole]
  return SPOILERS[name]!(view, new MessageWriter(view.bytes)) ?? [view.whole]
}
