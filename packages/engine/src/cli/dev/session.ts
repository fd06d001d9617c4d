/** One run of `millrace dev`: an engine, a watcher, and a terminal that is told what happens. */
import { statSync } from 'node:fs'
import type { Logger } from 'pino'
import { placeLabel } from '../../config/load.ts'
import type { Program } from '../../config/programs.ts'
import { createEngine } from '../../engine.ts'
import type { Engine } from '../../engine-api.ts'
import type { WorkerEventRecord } from '../../options.ts'
import type { ExitCode } from '../exit-code.ts'
import { LastWords } from '../last-words.ts'
import { Lifetime } from '../lifetime.ts'
import type { Project } from '../project.ts'
import { gatewayUrl, startEngine } from '../start-engine.ts'
import { counted } from '../table.ts'
import type { Terminal } from '../terminal.ts'
import { VERSION } from '../version.ts'
import { bannerLines, functionUrl } from './banner.ts'
import { callLine, logLine, outputLine } from './call-line.ts'
import { Reloader } from './reloader.ts'
import { RetryMute } from './retry-mute.ts'
import { watchRule } from './watch-rules.ts'
import { Watcher } from './watcher.ts'

export interface DevOptions {
  /** Where the engine's own log goes; undefined: nowhere. */
  readonly log: Logger | undefined
  /** Where paths are seen from. */
  readonly cwd: string
}

export class DevSession {
  readonly #project: Project
  readonly #terminal: Terminal
  readonly #options: DevOptions
  readonly #engine: Engine
  readonly #reloader: Reloader
  readonly #mute = new RetryMute()
  readonly #words = new LastWords()
  /** Workers that drain because they were told to: their end is no news. */
  readonly #leaving = new Set<number>()
  /** Functions whose URL was shown. */
  readonly #shown = new Set<string>()
  #stopping = false

  /** Throws an OptionError when the project is none that an engine takes. */
  constructor(project: Project, terminal: Terminal, options: DevOptions) {
    this.#project = project
    this.#terminal = terminal
    this.#options = options
    this.#engine = this.#buildEngine()
    this.#reloader = new Reloader(this.#engine, {
      reloading: ({ options: { name } }) => {
        this.#mute.reloading(name)
        this.#words.forget(name)
      },
      reloaded: ({ options: { name } }, ms) => {
        terminal.line(terminal.tint('green', `reloaded ${name} in ${Math.round(ms)} ms`))
        this.#showNew(name)
      },
      refused: ({ options: { name } }, message) => this.#refused(name, message),
    })
  }

  /** Runs until a signal ends it. Throws `CommandError` when the gateway can't have its address. */
  async run(): Promise<ExitCode> {
    const terminal = this.#terminal
    const rules = this.#project.programs.map((program) => watchRule(program, isFile))
    const watcher = await Watcher.open(rules, this.#project.config, {
      changed: (programs) => this.#reloader.changed(programs),
      configChanged: () => terminal.line(`${this.#project.title} has changed; start millrace dev again to apply it`),
      failed: (message) => terminal.error(`cannot watch for changes: ${message}`),
    })
    const lifetime = new Lifetime(this.#engine, {
      draining: (_, open) => {
        this.#stopping = true
        terminal.line(open === 0 ? 'stopping' : `waiting for ${counted(open, 'call')} to end; Ctrl-C again kills`)
      },
      killing: () => terminal.line('killed'),
    })
    try {
      const { failures } = await startEngine(this.#engine, this.#project.gateway)
      if (!this.#stopping) {
        for (const { program, message } of failures) this.#cannotStart(program, message)
        for (const line of this.#banner()) terminal.line(line)
        this.#reloader.begin()
      }
      const code = await lifetime.ended()
      await this.#reloader.end()
      return code
    } finally {
      await watcher.close()
    }
  }

  #buildEngine(): Engine {
    const terminal = this.#terminal
    const tint = terminal.tint.bind(terminal)
    return createEngine({
      ...this.#project.engine,
      programs: this.#project.programs.map((program) => program.options),
      onCall: (record) => terminal.commentary(callLine(record, Date.now(), tint)),
      onOutput: (program, workerId, stream, line) => {
        if (this.#mute.isMuted(workerId)) return
        this.#words.heard(program, stream, line)
        terminal.commentary(outputLine(program, stream, line, tint))
      },
      onLog: (record) => terminal.commentary(logLine(record, tint)),
      onWorker: (event) => this.#onWorker(event),
      ...(this.#options.log && { log: this.#options.log }),
    })
  }

  /** Tells what nobody asked for: crashes. Starts, reloads and drains are told by those who began them. */
  #onWorker(event: WorkerEventRecord): void {
    const { program, workerId, message } = event
    if (this.#mute.note(event)) this.#terminal.line(`${program} has started after all`)
    if (event.event === 'ready') this.#words.forget(program)
    if (event.event === 'draining') this.#leaving.add(workerId)
    const leaving = event.event === 'gone' && this.#leaving.delete(workerId)
    if (this.#stopping || leaving) return
    if (event.event === 'gone') {
      this.#terminal.error(`worker ${workerId} of ${program} is gone: ${message}`)
    } else if (event.event === 'crash-loop' && !this.#mute.isDown(program)) {
      this.#mute.told(program)
      this.#terminal.error(`${program} keeps failing: ${message}`)
    }
  }

  #cannotStart(program: string, message: string): void {
    this.#mute.told(program)
    this.#terminal.error(`${program} cannot start: ${this.#words.explain(program, message)}; save a fix, and it starts`)
  }

  #refused(program: string, message: string): void {
    if (this.#stopping) return
    const serving = this.#engine.workers().some((worker) => worker.program === program && worker.state === 'ready')
    const why = this.#words.explain(program, message)
    if (serving) this.#terminal.error(`${program} is not reloaded, the old version goes on: ${why}`)
    else this.#cannotStart(program, message)
  }

  /** Names the functions that a reload has brought. */
  #showNew(program: string): void {
    for (const { name } of this.#engine.functions().filter((one) => one.program === program)) {
      if (this.#shown.has(name)) continue
      this.#shown.add(name)
      this.#terminal.line(`  ${name}  ${functionUrl(this.#url, name)}`)
    }
  }

  get #url(): string {
    return gatewayUrl(this.#engine.address ?? this.#project.gateway)
  }

  #banner(): string[] {
    const project = this.#project
    const engine = this.#engine
    const { cwd } = this.#options
    for (const { name } of engine.functions()) this.#shown.add(name)
    const sourceOf = ({ entry, source }: Program) => (entry === undefined ? source : placeLabel(entry, cwd))
    const ready = engine.workers().filter((worker) => worker.state === 'ready')
    return bannerLines({
      version: VERSION,
      title: project.title,
      url: this.#url,
      functions: engine.functions(),
      workers: ready.length,
      serving: new Set(ready.map((worker) => worker.program)),
      sources: new Map(project.programs.map((program) => [program.options.name, sourceOf(program)])),
      readyMs: performance.now(),
    })
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true
}
