/** Tells which programs' files changed, after a short quiet. Touches the file system through chokidar. */
import { type FSWatcher, watch } from 'chokidar'
import type { Program } from '../../config/programs.ts'
import { WATCH_DEBOUNCE_MS, WATCH_DEPTH_MAX } from '../limits.ts'
import { isIgnored, programsOf, type WatchRule } from './watch-rules.ts'

export class Watcher {
  readonly #watch: FSWatcher
  readonly #rules: readonly WatchRule[]
  readonly #onChange: (programs: readonly Program[]) => void
  readonly #changed = new Set<Program>()
  #quiet: NodeJS.Timeout | undefined

  private constructor(rules: readonly WatchRule[], onChange: (programs: readonly Program[]) => void) {
    this.#rules = rules
    this.#onChange = onChange
    const roots = [...new Set(rules.flatMap((rule) => rule.roots))]
    this.#watch = watch(roots, {
      ignoreInitial: true,
      depth: WATCH_DEPTH_MAX,
      ignored: (path) => isIgnored(path, roots),
    })
    this.#watch.on('all', (_, path) => this.#noted(path))
  }

  /** Watches from the moment the promise resolves. `onError`: the system refuses to watch more, or so. */
  static async open(
    rules: readonly WatchRule[],
    onChange: (programs: readonly Program[]) => void,
    onError: (message: string) => void,
  ): Promise<Watcher> {
    const watcher = new Watcher(rules, onChange)
    watcher.#watch.on('error', (error) => onError(error instanceof Error ? error.message : String(error)))
    if (rules.some((rule) => rule.roots.length > 0)) {
      await new Promise<void>((resolve) => watcher.#watch.once('ready', resolve))
    }
    return watcher
  }

  async close(): Promise<void> {
    clearTimeout(this.#quiet)
    await this.#watch.close()
  }

  #noted(path: string): void {
    const programs = programsOf(path, this.#rules)
    if (programs.length === 0) return
    for (const program of programs) this.#changed.add(program)
    clearTimeout(this.#quiet)
    this.#quiet = setTimeout(() => {
      const changed = [...this.#changed]
      this.#changed.clear()
      this.#onChange(changed)
    }, WATCH_DEBOUNCE_MS)
  }
}
