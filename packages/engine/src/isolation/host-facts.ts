/** What this host can do for isolation, found out by doing it. One of the few files that touch the OS. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { IsolationLevel, WrapRequest } from './level.ts'
import { type OciHost, ociBundle } from './oci-level.ts'
import { sandboxed } from './sandbox-level.ts'
import { filterOfBundle } from './system-calls.ts'

/** Longest that a trial of a level may take. */
const TRIAL_MS_MAX = 10_000

/** The program that wraps a worker's command, by level, and what to install for it. */
const WRAPPERS = {
  sandbox: { program: 'bwrap', install: 'apt-get install bubblewrap' },
  oci: { program: 'runc', install: 'apt-get install runc' },
} as const

/** Levels that have been seen to work, with their wrapper. A failure is not kept: the host may be mended. */
const working = new Map<IsolationLevel, string>()

/** Path of the program that wraps at `level`; undefined: there is none on the PATH, or the level needs none. */
export function wrapperOf(level: IsolationLevel): string | undefined {
  return level === 'process' ? undefined : onPath(WRAPPERS[level].program, process.env.PATH ?? '')
}

/** Why the host cannot give a level, in words that name the fix; undefined: it can. The first answer takes up to 100 ms. */
export function levelFault(level: IsolationLevel): string | undefined {
  if (level === 'process') return undefined
  const wrapper = wrapperOf(level)
  const { program, install } = WRAPPERS[level]
  if (wrapper === undefined) return `needs ${program}: ${install}`
  if (working.get(level) === wrapper) return undefined
  const problem = level === 'sandbox' ? trySandbox(wrapper) : tryContainer(wrapper)
  if (problem !== undefined) return `does not work on this host: ${program} says: ${problem}`
  working.set(level, wrapper)
  return undefined
}

/** The first file of that name in the folders of a PATH. */
export function onPath(command: string, path: string): string | undefined {
  return path
    .split(delimiter)
    .map((folder) => join(folder, command))
    .find((file) => existsSync(file))
}

/** Who runs containers here. */
export const OCI_HOST: OciHost = {
  uid: process.getuid?.() ?? 0,
  gid: process.getgid?.() ?? 0,
  exists: existsSync,
}

function trySandbox(wrapper: string): string | undefined {
  return trial((directory) => {
    const { command, env } = sandboxed(trivial(wrapper, directory), undefined)
    return { command, env }
  })
}

function tryContainer(wrapper: string): string | undefined {
  return trial((directory) => {
    const id = `millrace-trial-${process.pid}`
    const bundle = join(directory, 'bundle')
    const rootfs = join(bundle, 'rootfs')
    mkdirSync(rootfs, { recursive: true })
    const places = { bundle, rootfs, state: join(directory, 'state'), pidFile: join(directory, 'pid'), id }
    const { command, env, config } = ociBundle(trivial(wrapper, directory), places, OCI_HOST, filterOfBundle())
    writeFileSync(join(bundle, 'config.json'), config)
    return { command, env }
  })
}

/** A request for a program that does nothing. Any file may stand for a pipe. */
function trivial(wrapper: string, directory: string): WrapRequest {
  const inPath = join(directory, 'in')
  const outPath = join(directory, 'out')
  for (const path of [inPath, outPath]) writeFileSync(path, '')
  const isolation = { level: 'sandbox' } as const
  const command = ['/bin/true']
  return { wrapper, command, cwd: directory, env: {}, base: process.env, inPath, outPath, token: '', isolation }
}

/** Runs a command in a fresh directory; what it says when it fails. */
function trial(
  prepare: (directory: string) => { command: readonly string[]; env: Readonly<Record<string, string | undefined>> },
): string | undefined {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-trial-'))
  try {
    const { command, env } = prepare(directory)
    const [program, ...args] = command
    const run = spawnSync(program!, args, { env: { ...env }, encoding: 'utf8', timeout: TRIAL_MS_MAX })
    if (run.status === 0) return undefined
    return run.error?.message ?? (run.stderr.trim().split('\n').at(-1) || `exit code ${run.status}`)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** The most descriptors that a process of the engine's may be given. */
export function hardOpenFiles(): number {
  const [, hard] = /^Max open files\s+\S+\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
  return hard === undefined || hard === 'unlimited' ? Number.POSITIVE_INFINITY : Number(hard)
}
