import type {
  ByteSink,
  LaunchedWorker,
  OfferedLink,
  PipeReader,
  PipeWriter,
  ProcessExit,
  ProcessListener,
} from '../world.ts'

/**
 * Another engine in the place of a worker's process. Nobody here starts or ends it: its end is the end of the link, and a
 * signal to it lets the link go.
 */
export class LinkedEngine implements LaunchedWorker {
  readonly pid = undefined
  readonly input: PipeWriter
  readonly output: PipeReader
  readonly #link: OfferedLink
  readonly #listener: ProcessListener
  #over = false

  /** `onCut`: the other engine has closed its end, and what it wrote before was read. */
  constructor(link: OfferedLink, listener: ProcessListener, onCut: () => void) {
    this.#link = link
    this.#listener = listener
    this.input = link.input
    const { output } = link
    this.output = {
      start: (sink) => output.start(watched(sink, onCut)),
      finish: () => output.finish(),
      close: () => output.close(),
    }
  }

  attached(): void {
    this.#link.attached()
  }

  signal(): void {
    if (this.#over) return
    this.#over = true
    this.#link.attached()
    queueMicrotask(() => this.#listener.onExit(LET_GO, undefined))
  }

  pause(): void {}
}

/** Nobody is told how the other engine ended, if it has. */
const LET_GO: ProcessExit = { code: null, signal: null }

function watched(sink: ByteSink, onCut: () => void): ByteSink {
  return {
    onBytes: (bytes, length) => sink.onBytes(bytes, length),
    onEnd: (error) => {
      sink.onEnd(error)
      onCut()
    },
  }
}
