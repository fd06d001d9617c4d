/**
 * The Millrace wire: layout, message view and writer, assembler, verdict. No I/O.
 * Bodies of cold messages, and protobuf with them, are in `@millrace/protocol/cold`.
 */

export { isAfter, nextCallId } from './call-ids.ts'
export { ColdSpan } from './cold-span.ts'
export * from './generated/layout.ts'
export { MessageAssembler, type MessageSink } from './message-assembler.ts'
export { MessageView, MessageWriter } from './message-view.ts'
export { isFunctionName } from './names.ts'
export { OpenCalls } from './open-calls.ts'
export { isCellCount, NONSENSE, RingConsumer, type RingName, RingProducer, Segment, segmentBytes } from './ring.ts'
export { ACCEPT, announcedBytes, headerHex, IGNORE, judge, type Sender, type Verdict } from './verdict.ts'
