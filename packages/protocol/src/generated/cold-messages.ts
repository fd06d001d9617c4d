// Generated from proto/millrace/v1 by tools/generate. Do not edit: run `make generate`.

import type { ColdSchema } from '../proto-codec.ts'

/** The closed list of reasons; spec/layout.yaml has the status, the blame and the remedy of each. */
export const Reason = {
  UNSPECIFIED: 0,
  HANDLER_ERROR: 1,
  BAD_INPUT: 2,
  NOT_FOUND: 3,
  CANCELLED: 4,
  DEADLINE_EXCEEDED: 5,
  PAYLOAD_TOO_LARGE: 6,
  QUEUE_FULL: 7,
  DEPTH_EXCEEDED: 8,
  WORKER_CRASHED: 9,
  WORKER_UNAVAILABLE: 10,
  DRAINING: 11,
  PROTOCOL_ERROR: 12,
  UNSUPPORTED: 13,
  INTERNAL: 14,
  UNAUTHENTICATED: 15,
  VERSION_UNSUPPORTED: 16,
  LOAD_FAILED: 17,
  OVERLOADED: 18,
} as const
export type Reason = (typeof Reason)[keyof typeof Reason]

/** Whether a retry of the same call may help, where the reason alone does not say. */
export const Retry = {
  UNSPECIFIED: 0,
  YES: 1,
  NO: 2,
} as const
export type Retry = (typeof Retry)[keyof typeof Retry]

/** Severity of a log record. */
export const LogLevel = {
  UNSPECIFIED: 0,
  DEBUG: 1,
  INFO: 2,
  WARN: 3,
  ERROR: 4,
} as const
export type LogLevel = (typeof LogLevel)[keyof typeof LogLevel]

/** The body of ERROR. An empty body means REASON_HANDLER_ERROR with the status of the header. */
export interface Failure {
  reason: Reason
  /** A code of the function's own, for programs. Stable for its users; empty: none. */
  code: string
  /** For people. */
  message: string
  /** The error's type in the function's language, such as `TypeError`. */
  errorType: string
  /** The error's stack trace, when the worker gives it away. */
  stack: string
  retry: Retry
  /** Name of the function that failed. The engine sets it on the call's way to the caller when it is empty. */
  function: string
}

export const FailureSchema: ColdSchema<Failure> = {
  fields: [
    [1, 'reason', 'enum'],
    [2, 'code', 'text'],
    [3, 'message', 'text'],
    [4, 'errorType', 'text'],
    [5, 'stack', 'text'],
    [6, 'retry', 'enum'],
    [7, 'function', 'text'],
  ],
}

/** One function in HELLO or LOADED. */
export interface FunctionOffer {
  /** Its name; see the rule `name-form`. */
  name: string
  /** Time limit that the function asks for, in microseconds. 0: none of its own. */
  timeoutUs: number
}

export const FunctionOfferSchema: ColdSchema<FunctionOffer> = {
  fields: [
    [1, 'name', 'text'],
    [2, 'timeoutUs', 'uint32'],
  ],
}

/** A piece of software, for people. */
export interface Software {
  /** Package name, such as `@millrace/sdk`. */
  name: string
  /** Its version. */
  version: string
  /** Programming language, in lower case. */
  language: string
  /** Runtime and its version, such as `node 24.21.0`. */
  runtime: string
}

export const SoftwareSchema: ColdSchema<Software> = {
  fields: [
    [1, 'name', 'text'],
    [2, 'version', 'text'],
    [3, 'language', 'text'],
    [4, 'runtime', 'text'],
  ],
}

/** HELLO: the worker's first message. */
export interface Hello {
  /** MILLRACE_TOKEN as it was given at launch. */
  token: string
  /** Functions that this worker serves. Empty when it waits for LOAD. */
  functions: FunctionOffer[]
  /** Names of the features it offers. Unknown names are ignored. */
  features: string[]
  /** Calls that it runs at once. 0 counts as 1. */
  maxCalls: number
  /** What it is, for logs and `millrace list`. */
  software?: Software | undefined
}

export const HelloSchema: ColdSchema<Hello> = {
  fields: [
    [1, 'token', 'text'],
    [2, 'functions', 'messages', FunctionOfferSchema],
    [3, 'features', 'texts'],
    [4, 'maxCalls', 'uint32'],
    [5, 'software', 'message', SoftwareSchema],
  ],
}

/** A function's name and its id. */
export interface FunctionId {
  name: string
  id: number
}

export const FunctionIdSchema: ColdSchema<FunctionId> = {
  fields: [
    [1, 'name', 'text'],
    [2, 'id', 'uint32'],
  ],
}

/** Bounds on a worker. A place frees when the answer is written to the pipe. */
export interface Limits {
  /** Calls that the engine will run on this worker at once. */
  maxCalls: number
  /** INVOKEs of the worker that may be open at once. 0 when internal-calls is not accepted. */
  maxOpenInvokes: number
  /** RESOLVEs that may be open at once. */
  maxOpenResolves: number
  /** PINGs of the worker that may be open at once. */
  maxOpenPings: number
  /** Bytes of the largest payload, in either direction. */
  maxPayloadBytes: number
  /** Internal calls that may be above a call. */
  maxDepth: number
  /** Payloads of at least so many bytes are faster in a file than in DATA. 0 when payload-file is not accepted. */
  minFileBytes: number
}

export const LimitsSchema: ColdSchema<Limits> = {
  fields: [
    [1, 'maxCalls', 'uint32'],
    [2, 'maxOpenInvokes', 'uint32'],
    [3, 'maxOpenResolves', 'uint32'],
    [4, 'maxOpenPings', 'uint32'],
    [5, 'maxPayloadBytes', 'uint32'],
    [6, 'maxDepth', 'uint32'],
    [7, 'minFileBytes', 'uint32'],
  ],
}

/** WELCOME: the engine's answer to HELLO. */
export interface Welcome {
  /** Id of each function that HELLO named and this channel serves. */
  functions: FunctionId[]
  /** Features that hold on this channel: a subset of those offered. */
  features: string[]
  /** Bounds that the engine holds the worker to. */
  limits?: Limits | undefined
  /** The engine, for logs. */
  software?: Software | undefined
  /** Number of this worker in the engine's life, for logs. */
  workerId: number
}

export const WelcomeSchema: ColdSchema<Welcome> = {
  fields: [
    [1, 'functions', 'messages', FunctionIdSchema],
    [2, 'features', 'texts'],
    [3, 'limits', 'message', LimitsSchema],
    [4, 'software', 'message', SoftwareSchema],
    [5, 'workerId', 'uint32'],
  ],
}

/** GOODBYE: the last message on a channel. */
export interface Goodbye {
  /** Why the channel ends. REASON_UNSPECIFIED: all is well. */
  reason: Reason
  /** For people. */
  message: string
  /** Id of the rule that the other side broke, if one was. */
  rule: string
}

export const GoodbyeSchema: ColdSchema<Goodbye> = {
  fields: [
    [1, 'reason', 'enum'],
    [2, 'message', 'text'],
    [3, 'rule', 'text'],
  ],
}

/** LOG: one record. The message's call_id names the call it belongs to; 0: none. */
export interface Log {
  level: LogLevel
  /** For people. */
  message: string
  /** A JSON object with whatever else was logged; empty: nothing. */
  attributesJson: string
}

export const LogSchema: ColdSchema<Log> = {
  fields: [
    [1, 'level', 'enum'],
    [2, 'message', 'text'],
    [3, 'attributesJson', 'text'],
  ],
}

/** LOAD: gives a prewarmed worker its code. */
export interface Load {
  /** Path of the entry file, as the worker sees it. */
  entry: string
  /** Name of the export or symbol to serve; empty: all that the entry defines. */
  handler: string
  /** Name to serve that handler under; empty: its own. */
  function: string
  /** Directory to change to before the code is loaded; empty: stay. A relative `entry` counts from there. */
  cwd: string
  /** Variables to add to the environment, or to replace in it, before the code is loaded. */
  env: Record<string, string>
}

export const LoadSchema: ColdSchema<Load> = {
  fields: [
    [1, 'entry', 'text'],
    [2, 'handler', 'text'],
    [3, 'function', 'text'],
    [4, 'cwd', 'text'],
    [5, 'env', 'map'],
  ],
}

/**
 * LOADED, from the worker: what the code serves, or why it could not be loaded.
 * LOADED, from the engine: the ids of those functions.
 */
export interface Loaded {
  /** From the worker: the functions that the code serves. */
  offers: FunctionOffer[]
  /** From the engine: the id of each of them that this channel serves. */
  functions: FunctionId[]
  /** From the worker: why the code could not be loaded. */
  failure?: Failure | undefined
  /**
   * From the worker: calls that it runs at once with this code; 0: as HELLO said. From the engine: calls that it will
   * run on this worker at once.
   */
  maxCalls: number
}

export const LoadedSchema: ColdSchema<Loaded> = {
  fields: [
    [1, 'offers', 'messages', FunctionOfferSchema],
    [2, 'functions', 'messages', FunctionIdSchema],
    [3, 'failure', 'message', FailureSchema],
    [4, 'maxCalls', 'uint32'],
  ],
}

/** FORK: asks a zygote for a worker with a channel of its own. */
export interface Fork {
  /** MILLRACE_CHANNEL_IN, MILLRACE_CHANNEL_OUT and MILLRACE_TOKEN of the new worker. */
  channelIn: string
  channelOut: string
  token: string
}

export const ForkSchema: ColdSchema<Fork> = {
  fields: [
    [1, 'channelIn', 'text'],
    [2, 'channelOut', 'text'],
    [3, 'token', 'text'],
  ],
}
