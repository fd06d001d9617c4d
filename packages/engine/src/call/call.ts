import { BODY_BYTES, CREDIT_MAX, HEADER_BYTES, type MessageView } from '@millrace/protocol'
import type { Failure } from '@millrace/protocol/cold'
import type { FunctionMetrics } from '../observe/metrics.ts'
import type { HeldFile } from '../world.ts'

/**
 * Where a call is. `spec/states/call.yaml` has the same moves.
 *
 * waiting → running → ended, or waiting → ended when it never reaches a worker.
 * running → abandoned when its caller was answered (deadline) or went away: the worker still holds it.
 * abandoned → ended with the worker's final message or end.
 */
export const CallState = { free: 0, waiting: 1, running: 2, abandoned: 3, ended: 4 } as const
export type CallState = (typeof CallState)[keyof typeof CallState]

/** Who made a call, and so gets its output and its outcome. A gateway's door, or the worker of an internal call. */
export interface Caller {
  /** The largest output that it takes, in bytes, whatever the engine's limit. */
  readonly outputMax: number
  /** RESULT; without MORE it is the final message, and the outcome is ok. The view is valid only during this call. */
  onResult(call: Call, view: MessageView): void
  /** DATA of the output. */
  onData(call: Call, view: MessageView): void
  /** The outcome is a failure. Final. */
  onFailure(call: Call, failure: Failure): void
  /** The callee lets the caller send `credit` more DATA. */
  onWindow(call: Call, credit: number): void
}

/** Who runs a call: a worker, seen by its callers. */
export interface Callee {
  readonly id: number
  /** DATA of the input. */
  sendData(call: Call, view: MessageView): void
  /** The caller lets the callee send `credit` more DATA. */
  sendWindow(call: Call, credit: number): void
  /** Asks the worker to end the call; its final message still comes. */
  sendCancel(call: Call): void
  /** The deadline of the call passed `stuckGraceUs` ago, and no final message came since. */
  stuck(call: Call): void
}

/** What runs calls on workers: a dispatcher, as a call sees it. */
export interface CallQueue {
  /** Takes a call that has the first part of its input. `except`: a worker that has just refused it. */
  submit(call: Call, except?: Runner): void
  /** Takes a waiting call out of its line; nothing happens when it stands in none. */
  withdraw(call: Call): void
  /** A call that it had given to a worker has left that: it ended, or was never started there. */
  left(call: Call): void
}

/** A worker, as whoever gives it calls sees it. */
export interface Runner {
  /** Calls that it runs now. */
  readonly running: number
  /** Calls that it takes at once now. */
  readonly capacity: number
  /** Whether it stands still, and goes on only when a call comes. */
  readonly paused: boolean
  /** Whether it takes one more call, an internal or an external one. */
  hasPlace(internal: boolean): boolean
  /** Whether it can take this input at all; a failure if not. */
  refuses(call: Call): Failure | undefined
  /** Sends INVOKE. */
  run(call: Call): void
}

/** The function of a call, as far as a call needs it. */
export interface CallFunction {
  readonly id: number
  readonly name: string
  /** Who runs its calls now. */
  readonly dispatcher: CallQueue
  /** Time limit of a call in microseconds; 0: none. */
  readonly timeoutUs: number
  /** Calls that may wait. */
  readonly queueMax: number
  /** For how long a call may wait, in microseconds; 0: as long as its time limit allows. */
  readonly queueWaitUs: number
  /** Whether its workers take payload files, as the last that got ready said. */
  readonly takesFiles: boolean
  readonly metrics: FunctionMetrics
}

/** A line that a call can leave. */
export interface Line {
  remove(call: Call): void
}

/**
 * One execution of a function, from its INVOKE to its final message. An external and an internal call are the same
 * here; they differ in their `caller`. Objects are used again after their end: nothing may keep one beyond `release`.
 */
export class Call {
  state: CallState = CallState.free
  /** Number of the call in the engine's life; wraps at 2^53. */
  number = 0
  fn!: CallFunction
  caller!: Caller
  /** The caller's own number for it: a call id of its channel, or the door's. */
  callerCallId = 0
  callee: Callee | undefined = undefined
  /** Call id on the callee's channel; 0 before it runs. */
  calleeCallId = 0

  /** The call that made this one, while both are open. */
  parent: Call | undefined = undefined
  parentNumber = 0
  firstChild: Call | undefined = undefined
  nextSibling: Call | undefined = undefined
  previousSibling: Call | undefined = undefined

  /** A worker made it. */
  internal = false
  depth = 0
  priority = 0
  content = 0
  /** Somebody asked for its end: the deadline, its caller, or a call above it. */
  cancelled = false

  /** Engine time in microseconds; `deadlineUs` 0: no limit. */
  enteredUs = 0
  dispatchedUs = 0
  deadlineUs = 0
  /** As the worker told with its final message. */
  runUs = 0
  cpuUs = 0
  /** How long calls below it waited for a worker, all together, in microseconds. */
  queuedBelowUs = 0

  /** DATA that the caller may still send, and the callee; rule `data-credit`. */
  inputCredit = CREDIT_MAX
  outputCredit = CREDIT_MAX
  /** The input goes on in DATA. */
  inputOpen = false
  /** A RESULT with MORE came. */
  outputOpen = false
  /** Payload bytes so far, and announced (0xFFFFFFFF: not known). */
  inputBytes = 0
  inputAnnounced = 0
  outputBytes = 0
  outputAnnounced = 0
  /**
   * The body of its INVOKE and how long that is: kept until the call ends, so that it can wait, or go to another worker
   * when one never started it (rule `draining-elsewhere`).
   */
  readonly body = new Uint8Array(BODY_BYTES)
  bodyLength = 0
  /** Flags of its INVOKE. */
  flags = 0
  /** DATA that came while it waited: at most `CREDIT_MAX` messages. */
  held: Uint8Array[] = []
  /** DATA of the input went to a worker: the engine no longer has all of it. */
  inputSent = false
  /** The input, while it lies in a file of the engine's; dropped with the end of the call. */
  file: HeldFile | undefined = undefined
  /** Bytes of an input that came in a file, wherever that is now; 0: it did not. */
  fileBytes = 0
  /** The output, from the moment its file is the engine's until the caller has taken it. */
  outputFile: HeldFile | undefined = undefined
  /** Which try this is, from 1. */
  attempt = 1
  /** It counts in its dispatcher as running. */
  counted = false

  /** trace-id (16 bytes), the call's own span id (8). */
  readonly trace = new Uint8Array(24)
  /** The same bytes as six words, to copy and fill them without a call into the runtime. */
  readonly traceWords = new Int32Array(this.trace.buffer)
  /** The same bytes once more: a Buffer makes flat hexadecimal text of them in one step. */
  readonly traceBuffer = Buffer.from(this.trace.buffer)
  traceFlags = 0

  /** Where it stands in the table of open calls. */
  place = 0
  /** The waiting line it stands in; undefined: none. */
  line: Line | undefined = undefined
  /** Places in the waiting line and in the deadlines' wheel. */
  nextInLine: Call | undefined = undefined
  previousInLine: Call | undefined = undefined
  nextDue: Call | undefined = undefined
  previousDue: Call | undefined = undefined
  dueBucket = -1

  /** Keeps the first part of the input. */
  keep(view: MessageView): void {
    const { bytes, bodyLength } = view
    const from = view.at + HEADER_BYTES
    this.flags = view.flags
    this.bodyLength = bodyLength
    if (bodyLength <= 64) for (let i = 0; i < bodyLength; i += 1) this.body[i] = bytes[from + i]!
    else this.body.set(bytes.subarray(from, from + bodyLength))
  }

  /** Puts `child` under this call. */
  adopt(child: Call): void {
    child.parent = this
    child.parentNumber = this.number
    child.nextSibling = this.firstChild
    if (this.firstChild !== undefined) this.firstChild.previousSibling = child
    this.firstChild = child
  }

  /** Takes this call out of the tree: from its parent, and its children from it. */
  leaveTree(): void {
    if (this.parent !== undefined) {
      if (this.previousSibling === undefined) this.parent.firstChild = this.nextSibling
      else this.previousSibling.nextSibling = this.nextSibling
      if (this.nextSibling !== undefined) this.nextSibling.previousSibling = this.previousSibling
      this.parent = undefined
      this.nextSibling = undefined
      this.previousSibling = undefined
    }
    while (this.firstChild !== undefined) {
      const child: Call = this.firstChild
      this.firstChild = child.nextSibling
      child.parent = undefined
      child.nextSibling = undefined
      child.previousSibling = undefined
    }
  }
}
