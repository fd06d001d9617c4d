/** What others offer for the same work: installed on demand, each by the lock file beside it, and run as one program. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runBuild, runCommand } from '../command.ts'
import type { Measurement } from '../measurement.ts'
import { commandAt, type Place } from '../place.ts'
import { measurementOf } from '../samples.ts'
import type { Language } from '../subject/languages.ts'

/** How another process is called. */
export type PeerKind = 'grpc' | 'http' | 'watchdog'

export interface PeerLoad {
  readonly language: Language
  readonly kind: PeerKind
  /** Calls, one after the other. */
  readonly count: number
  readonly warmUp: number
  /** Bytes of every input; the server sends them back. */
  readonly bytes: number
}

/** What each program prints. */
interface Printed {
  readonly elapsedNs: number
  readonly samplesNs: readonly number[]
}

const here = import.meta.dirname

/** How a language's peers are made ready, and run. Installs into ignored folders, never into the project's own. */
const INSTALLS: Readonly<Record<Language, (folder: string) => Promise<void>>> = {
  async node() {
    const own = join(here, 'node')
    if (isNewer(join(own, 'node_modules/.package-lock.json'), join(own, 'package-lock.json'))) return
    await runBuild(['npm', 'ci', '--loglevel=error', '--no-progress'], own)
  },
  async python(folder) {
    const wanted = join(here, 'python/requirements.txt')
    const stamp = join(folder, 'python/installed.txt')
    if (isNewer(stamp, wanted)) return
    const target = ['--target', join(folder, 'python'), '--upgrade']
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '--only-binary=:all:']
    await runBuild(['python3', ...pip, ...target, '-r', wanted], here)
    writeFileSync(stamp, readFileSync(wanted))
  },
  async go(folder) {
    await runBuild(['go', 'build', '-mod=readonly', '-o', join(folder, 'go-peer'), '.'], join(here, 'go'))
  },
  async cpp(folder) {
    const [program, source] = [join(folder, 'cpp-peer'), join(here, 'cpp/peer.cpp')]
    if (isNewer(program, source)) return
    const flags = (await runBuild(['pkg-config', '--cflags', '--libs', 'grpc++'], here)).trim().split(/\s+/)
    await runBuild([process.env.CXX ?? 'g++', '-std=c++20', '-O2', source, ...flags, '-o', program], here)
  },
}

const COMMANDS: Readonly<Record<Language, (folder: string) => readonly string[]>> = {
  node: () => [process.execPath, join(here, 'node/peer.mjs')],
  python: () => ['python3', join(here, 'python/peer.py')],
  go: (folder) => [join(folder, 'go-peer')],
  cpp: (folder) => [join(folder, 'cpp-peer')],
}

export class Peers {
  readonly #folder: string
  /** Languages whose peers can't be had here, each with the reason. */
  readonly missing: ReadonlyMap<Language, string>

  private constructor(folder: string, missing: ReadonlyMap<Language, string>) {
    this.#folder = folder
    this.missing = missing
  }

  /** Installs those of `languages` into `folder`; one that fails is in `missing`, and the others go on. */
  static async install(folder: string, languages: ReadonlySet<Language>): Promise<Peers> {
    mkdirSync(folder, { recursive: true })
    const missing = new Map<Language, string>()
    for (const language of languages) {
      try {
        await INSTALLS[language](folder)
      } catch (error) {
        const hint = language === 'cpp' ? '; `tools/setup.sh --peers` installs gRPC for C++' : ''
        missing.set(language, `${(error as Error).message.split('\n', 1)[0]}${hint}`)
      }
    }
    return new Peers(folder, missing)
  }

  /** A client calls a server over a Unix socket, both at a place. */
  async measure(place: Place, { language, kind, count, warmUp, bytes }: PeerLoad): Promise<Measurement> {
    // A fresh name each time, and a short one: a socket's path has 107 bytes at most.
    const folder = mkdtempSync(join(tmpdir(), 'bench-peer-'))
    try {
      const numbers = [count, warmUp, bytes].map(String)
      const words = [...COMMANDS[language](this.#folder), 'client', kind, join(folder, 'socket'), ...numbers]
      const env = language === 'python' ? { PYTHONPATH: join(this.#folder, 'python') } : {}
      const { elapsedNs, samplesNs } = JSON.parse(await runCommand(commandAt(place, words), env)) as Printed
      return measurementOf(Uint32Array.from(samplesNs), elapsedNs)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

function isNewer(path: string, than: string): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) > statSync(than).mtimeMs
}
