/**
 * The process that `allocation.test.ts` measures: pushes so many messages through assembler and judge from one
 * buffer, and prints how many bytes of heap each took.
 *
 *   node --expose-gc --max-semi-space-size=256 --min-semi-space-size=256 allocation.probe.ts MESSAGES CUT
 *
 * CUT: 0 hands on whole messages, 1 cuts the last message of each buffer in two, -1 allocates an object for each
 * message, to show that the measure sees it. The young generation is large enough that nothing is collected between
 * the two measures, and what was allocated counts whether or not it lives.
 */
import { MESSAGE_BYTES, MessageType } from './generated/layout.ts'
import { MessageAssembler } from './message-assembler.ts'
import { type MessageView, MessageWriter } from './message-view.ts'
import { ACCEPT, judge } from './verdict.ts'

const MESSAGES_PER_READ = 64

const [messages, cut] = process.argv.slice(2).map(Number) as [number, number]
const buffer = new Uint8Array(MESSAGES_PER_READ * MESSAGE_BYTES)
const writer = new MessageWriter(buffer)
const types = [MessageType.INVOKE, MessageType.RESULT, MessageType.DATA, MessageType.WINDOW] as const
for (let i = 0; i < MESSAGES_PER_READ; i += 1) {
  writer.moveTo(i * MESSAGE_BYTES).begin(types[i % types.length]!)
  writer.callId = types[i % types.length] === MessageType.INVOKE ? 1 : 2
  if (writer.type === MessageType.INVOKE) {
    writer.functionId = 1
    writer.attempt = 1
    writer.payloadLength = 16
  }
  if (writer.type === MessageType.RESULT) writer.payloadLength = 16
  if (writer.type === MessageType.DATA) writer.flags = 1
  if (writer.type === MessageType.WINDOW) writer.credit = 1
  writer.end(writer.type === MessageType.WINDOW ? 0 : 16, 0)
}

let accepted = 0
let kept: object = {}
const assembler = new MessageAssembler({
  onMessage(view: MessageView): boolean {
    if (judge(view, 'worker') === ACCEPT) accepted += 1
    if (cut === -1) kept = { accepted }
    return true
  },
})

function read(count: number): void {
  const reads = count / MESSAGES_PER_READ
  const first = buffer.length - MESSAGE_BYTES / 2
  for (let i = 0; i < reads; i += 1) {
    if (cut === 1) {
      assembler.push(buffer, first)
      assembler.push(buffer.subarray(first))
    } else {
      assembler.push(buffer)
    }
  }
}

const collect = globalThis.gc
if (collect === undefined) throw new Error('run with --expose-gc')
// Warm first: what the compiler allocates is not a message's.
read(20_000 * MESSAGES_PER_READ)
collect()
accepted = 0
const before = process.memoryUsage().heapUsed
read(messages)
const after = process.memoryUsage().heapUsed
if (kept === undefined) throw new Error('never')
console.log(JSON.stringify({ bytesPerMessage: (after - before) / messages, accepted }))
