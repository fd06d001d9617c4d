/** Runs the command as a real process, for tests: waits for lines and ends, never for time. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url))

/** How a command ended. */
export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** One run of the command. */
export class CommandProcess {
  readonly #child: ChildProcess
  readonly #lines: string[] = []
  readonly #waiting = new Set<() => void>()
  readonly #texts = { stdout: '', stderr: '' }
  /** Resolves once the process has ended and both its streams were read. */
  readonly ended: Promise<Ended>
  #over = false

  constructor(command: readonly string[], cwd: string, env: NodeJS.ProcessEnv) {
    this.#child = spawn(command[0]!, command.slice(1), { cwd, env, stdio: 'pipe' })
    for (const name of ['stdout', 'stderr'] as const) {
      this.#child[name]!.setEncoding('utf8').on('data', (text: string) => {
        this.#texts[name] += text
      })
      createInterface({ input: this.#child[name]! }).on('line', (line) => this.#heard(line))
    }
    this.ended = new Promise((resolve, reject) => {
      this.#child.once('error', reject)
      this.#child.once('close', (code) => {
        this.#over = true
        this.#wake()
        resolve({ code, ...this.#texts })
      })
    })
  }

  /** The first line of either stream, from the `from`th on, that matches. Rejects when the process ends without it. */
  async line(pattern: RegExp, from = 0): Promise<string> {
    for (let at = from; ; ) {
      for (; at < this.#lines.length; at += 1) if (pattern.test(this.#lines[at]!)) return this.#lines[at]!
      if (this.#over) throw new Error(`ended without a line like ${pattern}:\n${this.#lines.join('\n')}`)
      await new Promise<void>((resolve) => this.#waiting.add(resolve))
    }
  }

  /** Resolves when `count` lines of either stream match. Rejects when the process ends without them. */
  async lines(pattern: RegExp, count: number): Promise<void> {
    for (let from = 0, found = 0; found < count; found += 1) {
      const line = await this.line(pattern, from)
      from = this.#lines.indexOf(line, from) + 1
    }
  }

  /** What it has written so far, line by line. */
  get output(): readonly string[] {
    return this.#lines
  }

  /** Lines so far; what to give `line` to see only later ones. */
  get lineCount(): number {
    return this.#lines.length
  }

  /** Where the gateway of a `dev` listens, once it is ready. */
  async url(): Promise<string> {
    const line = await this.line(/^ready in /)
    return /http:\/\/[^;]+/.exec(line)![0]
  }

  /** Gives it standard input, to the end. */
  input(text: string): this {
    this.#child.stdin!.end(text)
    return this
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** Ends it whatever it does. Its workers end with it. */
  async kill(): Promise<void> {
    if (!this.#over) this.#child.kill('SIGKILL')
    await this.ended
  }

  #heard(line: string): void {
    this.#lines.push(line)
    this.#wake()
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }
}

/** A directory for one test, and the commands that run in it. */
export class CommandBench {
  readonly directory = mkdtempSync(join(tmpdir(), 'millrace-command-'))
  readonly #runtime = join(this.directory, '.run')
  readonly #running: CommandProcess[] = []

  constructor() {
    mkdirSync(this.#runtime, { mode: 0o700 })
  }

  write(file: string, text: string): string {
    const path = join(this.directory, file)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
    return path
  }

  /** Starts `millrace` with these arguments. Nothing of the caller's environment steers it. */
  start(args: readonly string[], env: NodeJS.ProcessEnv = {}): CommandProcess {
    return this.run([process.execPath, '--conditions=millrace-source', MAIN, ...args], env)
  }

  run(command: readonly string[], env: NodeJS.ProcessEnv = {}): CommandProcess {
    const clean = Object.entries(process.env).filter(
      ([name]) => !/^(MILLRACE_|PORT$|NO_COLOR$|FORCE_COLOR$|NODE_OPTIONS$)/.test(name),
    )
    const full = { ...Object.fromEntries(clean), XDG_RUNTIME_DIR: this.#runtime, ...env }
    const started = new CommandProcess(command, this.directory, full)
    this.#running.push(started)
    return started
  }

  /** What engines have left behind for their channels. */
  leftovers(): string[] {
    return readdirSync(this.#runtime, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name))
  }

  async close(): Promise<void> {
    await Promise.all(this.#running.map((one) => one.kill()))
    rmSync(this.directory, { recursive: true })
  }
}

/** Whether a process is there. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
}
