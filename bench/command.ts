/** Runs a program to its end and gives what it printed. */
import { execFile } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { BUILD_LIMIT_MS, MEASURE_LIMIT_MS, PRINTED_MAX_BYTES } from './limits.ts'

/**
 * @throws Error with the program's own words when it fails, can't be found or takes longer than `MEASURE_LIMIT_MS`;
 * then it is killed.
 */
export function runCommand(
  command: readonly [string, ...string[]],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  return run(command, MEASURE_LIMIT_MS, undefined, env)
}

/** The same for what builds or installs, in a folder and within `BUILD_LIMIT_MS`. */
export function runBuild(
  command: readonly [string, ...string[]],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  return run(command, BUILD_LIMIT_MS, cwd, env)
}

function run(
  [program, ...words]: readonly [string, ...string[]],
  limitMs: number,
  cwd: string | undefined,
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const bounds = { timeout: limitMs, killSignal: 'SIGKILL', maxBuffer: PRINTED_MAX_BYTES } as const
  const options = { ...bounds, cwd, env: { ...process.env, ...env } }
  return new Promise((resolve, reject) => {
    execFile(program, words, options, (error, printed, said) => {
      if (error === null) resolve(printed)
      else if (error.code === 'ENOENT') reject(new Error(`${program} is not installed, and the bench needs it`))
      else if (error.killed === true) reject(new Error(`${program} took longer than ${limitMs} ms`))
      else reject(new Error(`${program} failed: ${said.trim() || printed.trim() || error.message}`))
    })
  })
}

/** Whether a program can be run by its name. */
export function isOnPath(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false // Not in this folder.
    }
  })
}
