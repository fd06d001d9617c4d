// A Millrace worker of the core level in JavaScript for Node, without packages: node worker.mjs
import { constants, openSync, readSync, writeSync } from 'node:fs'

const [HELLO, WELCOME, GOODBYE, INVOKE, RESULT, ERROR] = [0x01, 0x02, 0x03, 0x10, 0x11, 0x12]
const [CANCEL, PING, PONG, DRAIN] = [0x13, 0x20, 0x21, 0x28]
const PREFIX = Buffer.from('MILLRACE\x01\0\x01\0\0\0\0\0', 'latin1') // Magic, versions 1 to 1, zero.
const BAD_INPUT = { reason: 2, status: 3 }
const NOT_FOUND = { reason: 3, status: 5 }
const TOO_LARGE = { reason: 6, status: 8 }

/** Ends the call with this reason and message; any other error is a handler_error. */
class Failure extends Error {
  constructor(kind, message) {
    super(message)
    this.kind = kind
  }
}

const functions = {
  echo: (payload) => payload,
  square(payload) {
    const text = payload.toString()
    if (!/^\d{1,9}$/.test(text)) throw new Failure(BAD_INPUT, `square takes a whole number, not '${text}'`)
    return Buffer.from(String(Number(text) ** 2))
  },
}
const handlers = new Map() // By the engine's ids.
let span = Buffer.alloc(0) // The parts of WELCOME so far.
let welcomed = false
let lastId = 0

function leave(code, why) {
  if (why !== undefined) writeSync(2, `worker.mjs: ${why}\n`)
  process.exit(code)
}

// The launch contract. Node opens close-on-exec. Its calls can't make a pipe block again, so /dev/fd opens it once more.
const [inPath, outPath, token] = ['MILLRACE_CHANNEL_IN', 'MILLRACE_CHANNEL_OUT', 'MILLRACE_TOKEN'].map((name) => {
  const value = process.env[name] ?? leave(78, `no ${name}: an engine has to start this program`)
  delete process.env[name]
  return value
})
const [inFd, outFd] = openPipes()

function openPipes() {
  const { O_NONBLOCK, O_RDONLY, O_WRONLY } = constants
  try {
    const pipes = [openSync(inPath, O_RDONLY | O_NONBLOCK), openSync(outPath, O_WRONLY | O_NONBLOCK)]
    return [openSync(`/dev/fd/${pipes[0]}`, O_RDONLY), openSync(`/dev/fd/${pipes[1]}`, O_WRONLY)]
  } catch (error) {
    return leave(69, `the engine is gone: ${error.message}`)
  }
}

// Messages: 64 bytes of header, 960 of body.
function send(type, callId, body, { at12 = 0, at16 = 0, at20 = 0, content = 0 } = {}) {
  const message = Buffer.alloc(1024)
  message[0] = type
  message.writeUInt16LE(body.length, 2)
  for (const [at, value] of [
    [4, callId],
    [12, at12],
    [16, at16],
    [20, at20],
  ])
    message.writeUInt32LE(value, at)
  message[59] = content
  body.copy(message, 64)
  try {
    for (let at = 0; at < 1024; ) at += writeSync(outFd, message, at)
  } catch (error) {
    leave(69, `the engine is gone: ${error.message}`)
  }
}

function receive() {
  const message = Buffer.alloc(1024)
  for (let at = 0; at < 1024; ) {
    const count = readSync(inFd, message, at, 1024 - at, null)
    if (count === 0 && welcomed && at === 0) leave(0)
    if (count === 0) leave(69, 'the engine is gone')
    at += count
  }
  return message
}

// Protobuf, as much as the cold messages need.
const varint = (n) =>
  n < 128 ? Buffer.of(n) : Buffer.concat([Buffer.of((n & 127) | 128), varint(Math.floor(n / 128))])
const number = (field, value) => Buffer.concat([varint(field << 3), varint(value)])
const bytes = (field, value) => Buffer.concat([varint((field << 3) | 2), varint(value.length), Buffer.from(value)])

function fields(body, rule) {
  const found = []
  let at = 0
  const take = () => {
    for (let n = 0, scale = 1; ; scale *= 128) {
      check([rule, at >= body.length || scale > 2 ** 63])
      n += (body[at++] & 127) * scale
      if (body[at - 1] < 128) return n
    }
  }
  while (at < body.length) {
    const key = take()
    const value = { 1: 8, 5: 4 }[key % 8] ?? take() // The number itself, or how many bytes follow.
    check([rule, key < 8 || key % 8 > 5 || (key % 8 > 0 && at + value > body.length)])
    found.push([Math.floor(key / 8), key % 8 > 0 ? body.subarray(at, at + value) : value])
    if (key % 8 > 0) at += value
  }
  return found
}

function parse(body, rule) {
  check(['handshake-prefix', body.length < 16 || body.readUInt32LE(12) !== 0])
  check(['handshake-magic', !body.subarray(0, 8).equals(PREFIX.subarray(0, 8))])
  check(['handshake-version', rule === 'handshake-body' && !body.subarray(8, 12).equals(PREFIX.subarray(8, 12))])
  return fields(body.subarray(16), rule)
}

// What the engine may send. check([rule, broken], ...) ends the channel at the first rule that is broken.
function check(...rules) {
  for (const [rule, broken] of rules) {
    if (!broken) continue
    send(GOODBYE, 0, Buffer.concat([PREFIX, number(1, 12), bytes(3, rule)]), { at20: 13 })
    leave(76, `the engine broke the rule ${rule}`)
  }
}

const isAfter = (id, last) => id !== last && (id - last) >>> 0 < 2 ** 31

// The flags of each type, and the header bytes that it uses behind the first eight.
const KNOWN = new Map([
  [WELCOME, [1, 8, 8]],
  [GOODBYE, [0, 20, 24]],
  [INVOKE, [7, 8, 60]],
  [CANCEL, [0, 8, 8]],
  [PING, [0, 16, 20]],
  [DRAIN, [0, 16, 20]],
])
const WRONG = new Map([HELLO, 0x08, 0x29, 0x39, 0x3a].map((type) => [type, 'message-direction']))
for (const type of [0x09, 0x18, 0x19, 0x30, 0x31, 0x38, 0x40, 0x41]) WRONG.set(type, 'feature-accepted')
WRONG.set(PONG, 'pong-open')

function judge(m, type, id, length) {
  check([id & 1 ? 'call-id-known' : 'call-callee-answers', type === RESULT || type === ERROR])
  check([WRONG.get(type) ?? 'message-type-known', !KNOWN.has(type)])
  const [flags, begin, end] = KNOWN.get(type)
  check(
    ['message-body-length', length > 960],
    ['message-flags-known', m[1] & ~flags],
    ['message-reserved-zero', m.subarray(8, begin).some(Boolean) || m.subarray(end, 64).some(Boolean)],
    ['cold-span-consecutive', span.length > 0 && type !== WELCOME],
    ['handshake-engine-waits', !welcomed && type !== WELCOME && type !== GOODBYE],
    ['handshake-hello-once', welcomed && type === WELCOME],
    ['message-call-id', type === CANCEL ? id === 0 : type !== INVOKE && id > 0],
    ['message-status-range', type === GOODBYE && m.readUInt32LE(20) > 16],
    ['message-body-none', length > 0 && [CANCEL, PING, DRAIN].includes(type)],
  )
  if (type === CANCEL) check(['call-caller-cancels', id & 1], ['call-id-known', isAfter(id, lastId)])
  if (type !== INVOKE) return
  check(
    ['invoke-call-id-parity', id === 0 || id & 1],
    ['invoke-function-id', m.readUInt32LE(8) === 0],
    ['feature-accepted', m[1]],
    ['invoke-payload-length', m.readUInt32LE(12) !== length],
    ['invoke-priority-range', m[57] > 7],
    ['invoke-attempt-positive', m.readUInt32LE(28) === 0],
    ['call-parent-zero', m.readUInt32LE(20)],
    ['call-id-rising', !isAfter(id, lastId)],
  )
}

function welcome(more, body) {
  span = Buffer.concat([span, body])
  check(['cold-span-bytes', span.length > 65_536])
  if (more) return
  for (const [field, value] of parse(span, 'handshake-body')) {
    check(['feature-offered', field === 2])
    const part = field === 1 || field === 3 ? Object.fromEntries(fields(value, 'handshake-body')) : {}
    if (field === 3) welcomed = part[1] === 1
    if (field !== 1) continue
    check(
      ['welcome-functions', !Object.hasOwn(functions, String(part[1]))],
      ['function-id-unique', !part[2] || handlers.has(part[2])],
    )
    handlers.set(part[2], functions[part[1]])
  }
  check(['welcome-max-calls', !welcomed])
  span = Buffer.alloc(0)
}

function invoke(callId, functionId, payload, content) {
  const began = process.hrtime.bigint()
  const runUs = () => Number((process.hrtime.bigint() - began) / 1_000n)
  try {
    const run = handlers.get(functionId)
    if (run === undefined) throw new Failure(NOT_FOUND, `no function has the id ${functionId} here`)
    const output = run(payload)
    if (output.length > 960) throw new Failure(TOO_LARGE, 'the output is over 960 bytes')
    send(RESULT, callId, output, { at12: output.length, at16: runUs(), content })
  } catch (error) {
    const { reason, status } = error.kind ?? { reason: 1, status: 2 }
    const failure = Buffer.concat([number(1, reason), bytes(3, Buffer.from(String(error.message).slice(0, 200)))])
    send(ERROR, callId, failure, { at16: runUs(), at20: status })
  }
}

const offers = Object.keys(functions).map((name) => bytes(2, bytes(1, name)))
const software = Buffer.concat([bytes(1, 'minimal-worker'), bytes(2, '1.0.0'), bytes(3, 'javascript')])
send(HELLO, 0, Buffer.concat([PREFIX, bytes(1, token), ...offers, number(4, 1), bytes(5, software)]))
for (;;) {
  const m = receive()
  const [type, length, id] = [m[0], m.readUInt16LE(2), m.readUInt32LE(4)]
  if (type >= 0x80 && span.length === 0) continue
  judge(m, type, id, length)
  const body = m.subarray(64, 64 + length)
  if (type === WELCOME) welcome(m[1] === 1, body)
  if (type === PING) send(PONG, 0, Buffer.alloc(0), { at16: m.readUInt32LE(16) })
  if (type === INVOKE) invoke((lastId = id), m.readUInt32LE(8), body, m[59])
  if (type === GOODBYE) {
    const why = Object.fromEntries(parse(body, 'cold-body'))
    leave(why[1] ? 76 : 0, why[1] ? `the engine says: ${why[2]}` : undefined)
  }
  if (type === DRAIN) {
    send(GOODBYE, 0, PREFIX)
    leave(0)
  }
}
