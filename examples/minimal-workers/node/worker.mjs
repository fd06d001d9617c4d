// A Millrace worker of the core level in JavaScript for Node, without packages: node worker.mjs
import { constants, openSync, readSync, writeSync } from 'node:fs'

const [HELLO, WELCOME, GOODBYE, INVOKE, RESULT, ERROR] = [0x01, 0x02, 0x03, 0x10, 0x11, 0x12]
const [CANCEL, PING, PONG, DRAIN] = [0x13, 0x20, 0x21, 0x28]
const PREFIX = Buffer.from('MILLRACE\x01\0\x01\0\0\0\0\0', 'latin1') // Magic, versions 1 to 1, zero.

// What ends a call with this reason; any other error is a handler_error.
const failure = (reason, status, message) => Object.assign(new Error(message), { reason, status })

const functions = {
  echo: (payload) => payload,
  fail(payload) {
    throw new Error(payload.toString())
  },
}
const handlers = new Map() // By the engine's ids.
let span = Buffer.alloc(0) // The parts of WELCOME so far.
let welcomed = false
let lastId = 0

function leave(code, why) {
  if (why) writeSync(2, `worker.mjs: ${why}\n`)
  process.exit(code)
}

// The launch contract. Node opens close-on-exec, and makes a pipe block by opening it once more.
const [inPath, outPath, token] = ['MILLRACE_CHANNEL_IN', 'MILLRACE_CHANNEL_OUT', 'MILLRACE_TOKEN'].map((name) => {
  const value = process.env[name] ?? leave(78, `no ${name}: an engine has to start this program`)
  delete process.env[name]
  return value
})
// An error of the OS that nobody catches is of a pipe.
process.on('uncaughtException', (error) => leave(error.syscall ? 69 : 70, error.message))
const [inFd, outFd] = [open(inPath, constants.O_RDONLY), open(outPath, constants.O_WRONLY)]

function open(path, mode) {
  return openSync(`/dev/fd/${openSync(path, mode | constants.O_NONBLOCK)}`, mode)
}

// Messages: 64 bytes of header, 960 of body.
function send(type, callId, body, { at12 = 0, at16 = 0, at20 = 0, content = 0 } = {}) {
  const message = Buffer.alloc(1024)
  new Uint32Array(message.buffer, message.byteOffset, 8).set([type | (body.length << 16), callId, 0, at12, at16, at20])
  message[59] = content
  body.copy(message, 64)
  for (let at = 0; at < 1024; ) at += writeSync(outFd, message, at)
}

function receive() {
  const message = Buffer.alloc(1024)
  for (let at = 0, count; at < 1024; at += count) {
    count = readSync(inFd, message, at, 1024 - at, null)
    if (count === 0) leave(welcomed && at === 0 ? 0 : 69, welcomed && at === 0 ? '' : 'the engine is gone')
  }
  return message
}

// Protobuf, as much as the cold messages need.
const join = (...parts) => Buffer.concat(parts)
const varint = (n) => (n < 128 ? Buffer.of(n) : join(Buffer.of((n & 127) | 128), varint(Math.floor(n / 128))))
const number = (field, value) => join(varint(field << 3), varint(value))
const bytes = (field, value) => join(varint((field << 3) | 2), varint(value.length), Buffer.from(value))

function fields(body, rule) {
  const found = []
  let at = 0
  const take = () => {
    for (let n = 0, scale = 1; ; scale *= 128) {
      check({ [rule]: at >= body.length || scale > 2 ** 63 })
      n += (body[at++] & 127) * scale
      if (body[at - 1] < 128) return n
    }
  }
  while (at < body.length) {
    const key = take()
    const value = { 1: 8, 5: 4 }[key % 8] ?? take() // The number itself, or how many bytes follow.
    check({ [rule]: key < 8 || key % 8 > 5 || (key % 8 > 0 && at + value > body.length) })
    found.push([Math.floor(key / 8), key % 8 > 0 ? body.subarray(at, at + value) : value])
    if (key % 8 > 0) at += value
  }
  return found
}

function parse(body, rule) {
  check({ 'handshake-prefix': body.length < 16 || body.readUInt32LE(12) > 0 })
  check({ 'handshake-magic': body.compare(PREFIX, 0, 8, 0, 8) !== 0 })
  check({ 'handshake-version': rule === 'handshake-body' && body.compare(PREFIX, 8, 12, 8, 12) !== 0 })
  return fields(body.subarray(16), rule)
}

// What the engine may send. check({ rule: broken, ... }) ends the channel at the first rule that is broken.
function check(rules) {
  for (const [rule] of Object.entries(rules).filter(([, broken]) => broken)) {
    send(GOODBYE, 0, join(PREFIX, number(1, 12), bytes(3, rule)), { at20: 13 })
    leave(76, `the engine broke the rule ${rule}`)
  }
}

const isAfter = (id, last) => id !== last && (id - last) >>> 0 < 2 ** 31

// By type: its flags, and from where to where it uses the header behind the first eight bytes.
const KNOWN = { 2: [1, 8, 8], 3: [0, 20, 24], 16: [7, 8, 60], 19: [0, 8, 8], 32: [0, 16, 20], 40: [0, 16, 20] }
const WRONG = { [PONG]: 'pong-open', [RESULT]: 'call-id-known', [ERROR]: 'call-id-known' }
for (const type of [HELLO, 0x08, 0x29, 0x39, 0x3a]) WRONG[type] = 'message-direction'
for (const type of [0x09, 0x18, 0x19, 0x30, 0x31, 0x38, 0x40, 0x41]) WRONG[type] = 'feature-accepted'

function judge(m, type, id, length) {
  if (type === RESULT || type === ERROR) check({ 'call-callee-answers': id % 2 === 0 })
  check({ [WRONG[type] ?? 'message-type-known']: !KNOWN[type] })
  const [flags, begin, end] = KNOWN[type]
  check({ 'message-body-length': length > 960, 'message-flags-known': m[1] & ~flags })
  check({ 'message-reserved-zero': m.subarray(8, begin).some(Boolean) || m.subarray(end, 64).some(Boolean) })
  check({ 'cold-span-consecutive': span.length > 0 && type !== WELCOME })
  check({ 'handshake-engine-waits': !welcomed && type !== WELCOME && type !== GOODBYE })
  check({ 'handshake-hello-once': welcomed && type === WELCOME })
  check({ 'message-call-id': type === CANCEL ? id === 0 : type !== INVOKE && id > 0 })
  check({ 'message-status-range': type === GOODBYE && m.readUInt32LE(20) > 16 })
  check({ 'message-body-none': length > 0 && [CANCEL, PING, DRAIN].includes(type) })
  if (type === CANCEL) check({ 'call-caller-cancels': id & 1, 'call-id-known': isAfter(id, lastId) })
  if (type !== INVOKE) return
  check({ 'invoke-call-id-parity': id === 0 || id & 1, 'invoke-function-id': m.readUInt32LE(8) === 0 })
  check({ 'feature-accepted': m[1], 'invoke-payload-length': m.readUInt32LE(12) !== length })
  check({ 'invoke-priority-range': m[57] > 7, 'invoke-attempt-positive': m.readUInt32LE(28) === 0 })
  check({ 'call-parent-zero': m.readUInt32LE(20), 'call-id-rising': !isAfter(id, lastId) })
}

function welcome(more, body) {
  span = join(span, body)
  check({ 'cold-span-bytes': span.length > 65_536 })
  if (more) return
  for (const [field, value] of parse(span, 'handshake-body')) {
    check({ 'feature-offered': field === 2 })
    const part = field === 1 || field === 3 ? Object.fromEntries(fields(value, 'handshake-body')) : {}
    if (field === 3) welcomed = part[1] === 1
    if (field !== 1) continue
    check({ 'welcome-functions': !Object.hasOwn(functions, `${part[1]}`) })
    check({ 'function-id-unique': !part[2] || handlers.has(part[2]) })
    handlers.set(part[2], functions[part[1]])
  }
  check({ 'welcome-max-calls': !welcomed })
  span = Buffer.alloc(0)
}

function invoke(callId, functionId, payload, content) {
  const began = performance.now()
  lastId = callId
  try {
    const run = handlers.get(functionId)
    if (run === undefined) throw failure(3, 5, `no function has the id ${functionId} here`)
    const output = run(payload)
    if (output.length > 960) throw failure(6, 8, 'the output is over 960 bytes')
    send(RESULT, callId, output, { at12: output.length, at16: (performance.now() - began) * 1_000, content })
  } catch ({ reason = 1, status = 2, message = '' }) {
    const body = join(number(1, reason), bytes(3, Buffer.from(message.slice(0, 200))))
    send(ERROR, callId, body, { at16: (performance.now() - began) * 1_000, at20: status })
  }
}

const goodbye = ({ 1: reason, 2: why }) => leave(reason ? 76 : 0, reason ? `the engine says: ${why}` : '')

const offers = Object.keys(functions).map((name) => bytes(2, bytes(1, name)))
const software = join(bytes(1, 'minimal-worker'), bytes(2, '1.0.0'), bytes(3, 'javascript'))
send(HELLO, 0, join(PREFIX, bytes(1, token), ...offers, number(4, 1), bytes(5, software)))
for (let type = 0; type !== DRAIN; ) {
  const m = receive()
  const [length, id] = [m.readUInt16LE(2), m.readUInt32LE(4)]
  type = m[0]
  if (type >= 0x80 && span.length === 0) continue
  judge(m, type, id, length)
  const body = m.subarray(64, 64 + length)
  if (type === WELCOME) welcome(m[1] === 1, body)
  if (type === PING) send(PONG, 0, Buffer.alloc(0), { at16: m.readUInt32LE(16) })
  if (type === INVOKE) invoke(id, m.readUInt32LE(8), body, m[59])
  if (type === GOODBYE) goodbye(Object.fromEntries(parse(body, 'cold-body')))
}
send(GOODBYE, 0, PREFIX)
