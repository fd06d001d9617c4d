/** Tells which programs' files changed, after a short quiet. Touches the file system through chokidar. */
import { type FSWatcher, watch } from 'chokidar'
import type { Program } from '../../config/programs.ts'
import { WATCH_DEBOUNCE_MS, WATCH_DEPTH_MAX } from '../limits.ts'
import { isIgnored, programsOf, type WatchRule } from './watch-rules.ts'

/** Told of what changed. */
export interface WatchListener {
  /** Files of these programs changed, and then nothing for `WATCH_DEBOUNCE_MS`. */
  changed(programs: readonly Program[]): void
  /** The config file changed. */
  configChanged(): void
  /** The system refuses to watch more, or so. */
  failed(message: string): void
}

export class Watcher {
  readonly #watch: FSWatcher
  readonly #rules: readonly WatchRule[]
  readonly #config: string | undefined
  readonly #listener: WatchListener
  readonly #changed = new Set<Program>()
  #configChanged = false
  #quiet: NodeJS.Timeout | undefined

  private constructor(rules: readonly WatchRule[], config: string | undefined, listener: WatchListener) {
    this.#rules = rules
    this.#config = config
    this.#listener = listener
    const roots = [...new Set(rules.flatMap((rule) => rule.roots))]
    this.#watch = watch(config === undefined ? roots : [...roots, config], {
      ignoreInitial: true,
      depth: WATCH_DEPTH_MAX,
      ignored: (path) => path !== config && isIgnored(path, roots),
    })
    this.#watch.on('all', (_, path) => this.#noted(path))
    this.#watch.on('error', (error) => listener.failed(error instanceof Error ? error.message : String(error)))
  }

  /** Watches from the moment the promise resolves. `config`: absolute path of the config file, if there is one. */
  static async open(
    rules: readonly WatchRule[],
    config: string | undefined,
    listener: WatchListener,
  ): Promise<Watcher> {
    const watcher = new Watcher(rules, config, listener)
    if (config !== undefined || rules.some((rule) => rule.roots.length > 0)) {
      await new Promise<void>((resolve) => watcher.#watch.once('ready', resolve))
    }
    return watcher
  }

  async close(): Promise<void> {
    clearTimeout(this.#quiet)
    await this.#watch.close()
  }

  #noted(path: string): void {
    if (path === this.#config) this.#configChanged = true
    else for (const program of programsOf(path, this.#rules)) this.#changed.add(program)
    if (this.#changed.size === 0 && !this.#configChanged) return
    clearTimeout(this.#quiet)
    this.#quiet = setTimeout(() => this.#tell(), WATCH_DEBOUNCE_MS)
  }

  #tell(): void {
    const changed = [...this.#changed]
    this.#changed.clear()
    if (changed.length > 0) this.#listener.changed(changed)
    if (this.#configChanged) this.#listener.configChanged()
    this.#configChanged = false
  }
}
