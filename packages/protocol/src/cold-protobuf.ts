/**
 * `@millrace/protocol/cold` with its bodies encoded and decoded by `@bufbuild/protobuf`, the reference. What judges others
 * imports this one, so that no fault of our own codec hides itself.
 */
import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf'
import { prefixedBody, VERSIONS, type VersionRange } from './cold.ts'
import { VERSION_PREFIX_BYTES } from './generated/layout.ts'

export type { MessageInitShape } from '@bufbuild/protobuf'
export * from './cold.ts'
export {
  type Failure as FailureProto,
  FailureSchema,
  Reason,
  Retry,
} from './generated/proto/millrace/v1/failure_pb.js'
export {
  type FunctionOffer,
  type Goodbye,
  GoodbyeSchema,
  type Hello,
  HelloSchema,
  type Welcome,
  WelcomeSchema,
} from './generated/proto/millrace/v1/handshake_pb.js'
export {
  type Fork,
  ForkSchema,
  type Load,
  type Loaded,
  LoadedSchema,
  LoadSchema,
  type Log,
  LogLevel,
  LogSchema,
} from './generated/proto/millrace/v1/lifecycle_pb.js'

/** As its namesake in `cold.ts`. */
export function encodeBody<D extends DescMessage>(schema: D, init: MessageInitShape<D>): Uint8Array {
  return toBinary(schema, create(schema, init))
}

/** As its namesake in `cold.ts`. */
export function decodeBody<D extends DescMessage>(schema: D, body: Uint8Array): MessageShape<D> | undefined {
  try {
    return fromBinary(schema, body)
  } catch {
    return undefined // The only thing that fromBinary throws for is malformed bytes: the caller names the rule.
  }
}

/** As its namesake in `cold.ts`. */
export function encodePrefixed<D extends DescMessage>(
  schema: D,
  init: MessageInitShape<D>,
  versions: VersionRange = VERSIONS,
): Uint8Array {
  return prefixedBody(encodeBody(schema, init), versions)
}

/** As its namesake in `cold.ts`. */
export function decodePrefixed<D extends DescMessage>(schema: D, body: Uint8Array): MessageShape<D> | undefined {
  return decodeBody(schema, body.subarray(VERSION_PREFIX_BYTES))
}
