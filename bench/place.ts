/** Where the processes of a measurement run: all on one core, or wherever the kernel puts them. */
import { readFileSync } from 'node:fs'

export type PlaceName = 'pinned' | 'free'

export interface Place {
  readonly name: PlaceName
  /** The one core of every process; undefined: the kernel's choice. */
  readonly core: number | undefined
}

/** The command that runs `command` at a place. `taskset` becomes the command, so the process id stays the same. */
export function commandAt(place: Place, command: readonly string[]): [string, ...string[]] {
  const placed = place.core === undefined ? command : ['taskset', '-c', String(place.core), ...command]
  return placed as [string, ...string[]]
}

/** Cores that this process may use, rising. */
export function allowedCores(): number[] {
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
  if (list === undefined) throw new Error('/proc/self/status has no Cpus_allowed_list: the bench needs Linux')
  return parseCoreList(list)
}

/** Parses a list such as `0-3,8`. */
export function parseCoreList(list: string): number[] {
  return list.split(',').flatMap((range) => {
    const [first = Number.NaN, last = first] = range.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, at) => first + at)
  })
}
