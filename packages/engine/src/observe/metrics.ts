/**
 * The counters of the engine: plain numbers that the rooms raise in passing. Nothing here knows who reads them;
 * `prometheus.ts` does so when it is asked.
 */
import { REASONS, type ReasonName } from '@millrace/protocol'
import { Histogram } from './histogram.ts'

const REASON_NUMBER_MAX = Math.max(...Object.values(REASONS).map((reason) => reason.value))

/** What is counted of one function. Whoever settles its calls keeps this object and raises its numbers. */
export class FunctionMetrics {
  /** Name of the function. */
  readonly function: string
  /** Calls that ended well. */
  ok = 0
  /** Calls that failed, by the number of the reason. Doubles: they count exactly to 2^53. */
  readonly failed = new Float64Array(REASON_NUMBER_MAX + 1)
  /** Calls on workers now. */
  running = 0
  /** Calls waiting for a worker now. */
  waiting = 0
  /** Time that calls waited for a worker. */
  readonly queue = new Histogram()
  /** Time in the handler, as the worker told. Only of calls that a worker finished. */
  readonly run = new Histogram()
  /** Time from entering to settling. */
  readonly total = new Histogram()

  constructor(name: string) {
    this.function = name
  }

  /** Counts a failure. */
  failure(reason: ReasonName): void {
    this.failed[REASONS[reason].value]! += 1
  }

  /** All failures together, whatever the reason. */
  get failures(): number {
    let sum = 0
    for (const count of this.failed) sum += count
    return sum
  }
}

/** What is counted of the HTTP gateway. */
export class HttpMetrics {
  /** Client sockets open now. */
  socketsOpen = 0
  /** Client sockets closed on arrival, since as many as allowed were open. */
  socketsDropped = 0
  /** HTTP requests with a readable head, whatever became of them. */
  requests = 0
  /** HTTP requests that the gateway itself refused, so that no call was opened. */
  refused = 0
  /** Calls cancelled because their client went away. */
  clientsGone = 0
}

/** Everything that one engine counts. One object in an engine's life. */
export class EngineMetrics {
  /** Messages read from workers. */
  messagesIn = 0
  /** Messages written to workers. */
  messagesOut = 0
  /** Messages for calls that had ended, dropped: rule `call-late-dropped`. */
  messagesLate = 0
  /** Channels ended because the worker broke a rule. */
  protocolErrors = 0
  /** Channels past their handshake now. */
  channelsOpen = 0
  /** Workers launched. */
  workerStarts = 0
  /** Workers that ended before they were ready. */
  workerStartFailures = 0
  /** Worker processes that ended, for whatever reason. */
  workerExits = 0
  /** Workers paused, and let go on again. */
  workerPauses = 0
  workerResumes = 0
  /** Sum of what the resumes took until the worker answered, in microseconds. */
  workerResumeUs = 0
  /** LOG records and output lines that a bound cut off. */
  logRecordsDropped = 0
  readonly http = new HttpMetrics()
  readonly #functions = new Map<string, FunctionMetrics>()

  /**
   * The counters of a function: the same object for the same name, made when first asked for and kept as long as the
   * engine lives, as a counter must not fall. Ask once and keep it: only names that the engine serves or served may be
   * given, else a client could grow the table.
   */
  ofFunction(name: string): FunctionMetrics {
    let metrics = this.#functions.get(name)
    if (metrics === undefined) {
      metrics = new FunctionMetrics(name)
      this.#functions.set(name, metrics)
    }
    return metrics
  }

  /** The counters of every function that was asked for, in that order. */
  functions(): Iterable<FunctionMetrics> {
    return this.#functions.values()
  }
}
