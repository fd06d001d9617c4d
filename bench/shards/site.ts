/** `millrace start` with some shards, as the bench of shards runs it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { END_LIMIT_MS, START_LIMIT_MS } from '../limits.ts'

/** Commands that have not ended. */
const living = new Set<ChildProcess>()

// The last resort, when the bench itself fails: a command that is killed takes its engines with it.
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL')
})

const root = join(import.meta.dirname, '../..')

/** A function of the bench and the program that serves it. */
export interface BenchFunction {
  readonly name: string
  readonly command: readonly string[]
}

/** The command, its config in a folder of its own. Ended by `end`, or with the bench. */
export class ShardSite {
  readonly url: URL
  /** Processes of the engines; the supervisor is not among them. */
  readonly enginePids: readonly number[]
  readonly #child: ChildProcess
  readonly #folder: string

  private constructor(child: ChildProcess, folder: string, url: URL, enginePids: readonly number[]) {
    this.#child = child
    this.#folder = folder
    this.url = url
    this.enginePids = enginePids
  }

  /** Resolves when every engine is ready. Throws with what the command printed when that is not within `START_LIMIT_MS`. */
  static async start(functions: readonly BenchFunction[], shards: number): Promise<ShardSite> {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-shards-'))
    const config = {
      version: 1,
      defaults: { timeout: '120s' },
      functions: Object.fromEntries(functions.map(({ name, command }) => [name, { command }])),
    }
    writeFileSync(join(folder, 'millrace.json'), JSON.stringify(config))
    mkdirSync(join(folder, 'run'), { mode: 0o700 })
    const main = join(root, 'packages/engine/src/cli/main.ts')
    const words = ['start', 'millrace.json', '--shards', String(shards), '-p', '0']
    const child = spawn(process.execPath, ['--conditions=millrace-source', main, ...words], {
      cwd: folder,
      env: { ...process.env, XDG_RUNTIME_DIR: join(folder, 'run') },
      stdio: ['ignore', 'pipe', 2],
    })
    living.add(child)
    child.once('exit', () => living.delete(child))
    const pids: number[] = []
    const printed: string[] = []
    const late = setTimeout(() => child.kill('SIGKILL'), START_LIMIT_MS)
    for await (const line of createInterface({ input: child.stdout! })) {
      printed.push(line)
      const { msg, pid, url } = JSON.parse(line) as { msg: string; pid?: number; url?: string }
      if (msg === 'shard started') pids.push(pid!)
      if (msg !== 'ready') continue
      clearTimeout(late)
      child.stdout!.resume()
      return new ShardSite(child, folder, new URL(url!), pids.length > 0 ? pids : [child.pid!])
    }
    throw new Error(`millrace ${words.join(' ')} did not get ready:\n${printed.join('\n')}`)
  }

  /** Calls a function with text. Throws with the problem when it fails. */
  async call(name: string, text: string): Promise<string> {
    const response = await fetch(new URL(`/function/${name}`, this.url), { method: 'POST', body: text })
    const answer = await response.text()
    if (!response.ok) throw new Error(`${name}: ${answer}`)
    return answer
  }

  /** Ends it in order, or after `END_LIMIT_MS` anyhow. */
  async end(): Promise<void> {
    const ended = this.#child.exitCode === null ? once(this.#child, 'exit') : undefined
    const last = setTimeout(() => this.#child.kill('SIGKILL'), END_LIMIT_MS)
    this.#child.kill('SIGTERM')
    await ended
    clearTimeout(last)
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
