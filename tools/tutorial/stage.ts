/** A directory with a terminal or two in it: where the reader's commands run, as real processes. */
import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { linePattern } from './output-match.ts'

/** Far above what any command here takes, in milliseconds: it only ever ends a hang. */
const HANG_MS = 120_000

export class Stage {
  readonly directory = mkdtempSync(join(tmpdir(), 'millrace-tutorial-'))
  readonly #bin = join(this.directory, '.bin')
  readonly #repository: string
  #dev: DevTerminal | undefined

  constructor(repository: string) {
    this.#repository = repository
    mkdirSync(this.#bin)
    mkdirSync(join(this.directory, '.run'), { mode: 0o700 })
    this.#command('millrace', 'packages/engine/src/cli/main.ts')
    this.#command('millrace-conformance', 'conformance/main.ts')
  }

  /** Where the reader's files are. */
  get work(): string {
    const path = join(this.directory, 'work')
    mkdirSync(path, { recursive: true })
    return path
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.work, file), text)
  }

  read(file: string): string {
    return readFileSync(join(this.work, file), 'utf8')
  }

  /** Runs one line in a shell; returns the lines of both its streams, in the order in which they were written. */
  async shell(line: string): Promise<string[]> {
    const child = spawn('sh', ['-c', `exec 2>&1; ${line}`], {
      cwd: this.work,
      env: this.#env(),
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const hang = setTimeout(() => child.kill('SIGKILL'), HANG_MS)
    const lines: string[] = []
    for await (const one of createInterface({ input: child.stdout })) lines.push(one)
    clearTimeout(hang)
    return lines
  }

  /** Starts `millrace dev` in the other terminal, in place of the one before. */
  async dev(): Promise<DevTerminal> {
    await this.stopDev()
    const child = spawn('millrace', ['dev', '--port', '0'], {
      cwd: this.work,
      env: this.#env(),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#dev = new DevTerminal(child)
    return this.#dev
  }

  async stopDev(): Promise<void> {
    const dev = this.#dev
    this.#dev = undefined
    await dev?.stop()
  }

  async close(): Promise<void> {
    await this.stopDev()
    rmSync(this.directory, { recursive: true, force: true })
  }

  #command(name: string, file: string): void {
    const path = join(this.#bin, name)
    writeFileSync(
      path,
      `#!/bin/sh\nexec '${process.execPath}' --conditions=millrace-source '${join(this.#repository, file)}' "$@"\n`,
    )
    chmodSync(path, 0o755)
  }

  #env(): NodeJS.ProcessEnv {
    const clean = Object.entries(process.env).filter(
      ([name]) => !/^(MILLRACE_|PORT$|FORCE_COLOR$|NODE_OPTIONS$)/.test(name),
    )
    const url = this.#dev?.url
    return {
      ...Object.fromEntries(clean),
      PATH: `${this.#bin}:${process.env.PATH}`,
      NO_COLOR: '1',
      LC_ALL: 'C.UTF-8',
      EXAMPLES: join(this.#repository, 'examples'),
      XDG_RUNTIME_DIR: join(this.directory, '.run'),
      ...(url !== undefined && { MILLRACE_URL: url }),
    }
  }
}

/** One run of `millrace dev`. */
export class DevTerminal {
  readonly #child: ChildProcess
  readonly #lines: string[] = []
  readonly #waiting = new Set<() => void>()
  readonly #closed: Promise<void>
  #over = false
  /** Where the engine listens, once it has said so. */
  url: string | undefined

  constructor(child: ChildProcess) {
    this.#child = child
    const hang = setTimeout(() => child.kill('SIGKILL'), HANG_MS)
    this.#closed = new Promise((resolve) => {
      child.once('close', () => {
        clearTimeout(hang)
        this.#over = true
        this.#wake()
        resolve()
      })
    })
    for (const stream of [child.stdout!, child.stderr!]) {
      createInterface({ input: stream }).on('line', (line) => {
        this.url ??= /^ready in .* at (http:[^;]+);/.exec(line)?.[1]
        this.#lines.push(line)
        this.#wake()
      })
    }
  }

  /** Resolves once such a line has come, whenever; rejects when the engine ended without it. */
  async line(quoted: string): Promise<void> {
    const pattern = linePattern(quoted)
    await this.#until(() => this.#lines.some((line) => pattern.test(line)), quoted)
  }

  /** Resolves once the engine takes calls. */
  async ready(): Promise<void> {
    await this.#until(() => this.url !== undefined, 'ready in …')
  }

  /** As Ctrl-C does. */
  interrupt(): void {
    this.#child.kill('SIGINT')
  }

  /** Resolves to its exit code. */
  async stop(): Promise<number | null> {
    if (!this.#over) this.interrupt()
    await this.#closed
    return this.#child.exitCode
  }

  get lines(): readonly string[] {
    return this.#lines
  }

  async #until(holds: () => boolean, wanted: string): Promise<void> {
    while (!holds()) {
      if (this.#over)
        throw new Error(`millrace dev ended without the line: ${wanted}\nIt printed:\n${this.#lines.join('\n')}`)
      await new Promise<void>((resolve) => this.#waiting.add(resolve))
    }
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }
}
