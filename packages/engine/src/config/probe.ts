/** Looks whether what a program needs is on this machine: its files, its directory, its interpreter. */
import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, isAbsolute, join, resolve } from 'node:path'
import type { Fault, Place } from './faults.ts'
import type { Environment } from './interpolate.ts'
import type { Program } from './programs.ts'

/** Everything that keeps `programs` from starting, as far as files can tell. */
export function probePrograms(programs: readonly Program[], environment: Environment): Fault[] {
  return programs.flatMap((program) => {
    const fault = probeProgram(program, environment)
    return fault === undefined ? [] : [fault]
  })
}

function probeProgram(program: Program, environment: Environment): Fault | undefined {
  const { entry, first, options } = program
  const label = first === undefined ? '' : `functions.${first.name}.`
  const place = (key: string): Place | undefined => first?.places[key] ?? first?.place
  if (entry !== undefined) {
    const kind = kindOf(entry)
    const what = first === undefined ? entry : `${label}entry: ${entry}`
    if (kind === 'none') return { place: place('entry'), message: `${what}: no such file; check the path` }
    if (kind === 'directory') return { place: place('entry'), message: `${what} is a directory; name a file in it` }
  }
  const cwd = options.cwd ?? '.'
  if (kindOf(cwd) !== 'directory') {
    return { place: place('cwd'), message: `${label}cwd: ${cwd} is no directory; make it, or check the path` }
  }
  const command = options.command[0]!
  const problem = findExecutable(command, cwd, options.env?.PATH ?? environment.PATH ?? '')
  return problem === undefined ? undefined : { place: place('command'), message: `${label}command: ${problem}` }
}

/** Why `command` cannot be run; undefined: it can. Names without a slash are looked for on the path. */
export function findExecutable(command: string, cwd: string, path: string): string | undefined {
  if (!command.includes('/')) {
    const found = path.split(delimiter).some((directory) => isExecutable(join(directory || '.', command)))
    return found ? undefined : `${command} is not on the PATH; install it, or write its full path`
  }
  const file = isAbsolute(command) ? command : resolve(cwd, command)
  const kind = kindOf(file)
  if (kind === 'none') return `${file}: no such file; build it first, or check the path`
  if (kind === 'directory') return `${file} is a directory; name the program in it`
  return isExecutable(file) ? undefined : `${file} may not be executed; run: chmod +x ${file}`
}

function kindOf(path: string): 'none' | 'directory' | 'file' {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat === undefined ? 'none' : stat.isDirectory() ? 'directory' : 'file'
}

function isExecutable(path: string): boolean {
  if (kindOf(path) !== 'file') return false
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false // The one thing that this asks is whether it may.
  }
}
