/** Where the time of one case goes: CPU profiles of the engine and of both workers, and their functions by self time. */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { BenchCase } from './cases/case.ts'
import type { Place } from './place.ts'
import { type Built, Site } from './site.ts'

/** A function, as the `.cpuprofile` format names it. */
interface Code {
  readonly functionName: string
  readonly url: string
  readonly lineNumber: number
}

/** What of the format is read here. */
interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: Code
  }[]
  readonly samples: readonly number[]
  /** Microseconds between a sample and the one before it. */
  readonly timeDeltas: readonly number[]
}

const ROWS = 15

/** Nothing to do, and the profiler's own start and stop. */
const NOT_WORK = /^\(idle\)$|node:inspector/

/** Profiles the subject of one case. Returns a table for each process; the profiles stay in `folder`. */
export async function profileCase(each: BenchCase, place: Place, built: Built, folder: string): Promise<string> {
  if (each.profile === undefined) throw new Error(`${each.name} has nothing to profile`)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const site = new Site(place, built)
  try {
    await each.profile(site, folder)
  } finally {
    await site.end()
  }
  // Only Node's processes leave one.
  const profiled = ['engine', 'caller', 'callee'].filter((name) => existsSync(join(folder, `${name}.cpuprofile`)))
  return profiled.map((name) => selfTimes(name, join(folder, `${name}.cpuprofile`))).join('\n\n')
}

function selfTimes(name: string, path: string): string {
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(path, 'utf8')) as CpuProfile
  const places = new Map(nodes.map(({ id, callFrame }) => [id, placeOf(callFrame)]))
  const selfUs = new Map<string, number>()
  samples.forEach((id, at) => {
    const place = places.get(id) ?? '(unknown)'
    selfUs.set(place, (selfUs.get(place) ?? 0) + (timeDeltas[at] ?? 0))
  })
  const rows = [...selfUs].filter(([place]) => !NOT_WORK.test(place)).sort((a, b) => b[1] - a[1])
  const busyUs = rows.reduce((sum, [, us]) => sum + us, 0)
  const lines = rows.slice(0, ROWS).map(([place, us]) => `${((us / busyUs) * 100).toFixed(1).padStart(6)} %  ${place}`)
  return [`${name}: self time, of ${(busyUs / 1e6).toFixed(2)} s at work (${path})`, ...lines].join('\n')
}

function placeOf({ functionName, url, lineNumber }: Code): string {
  const file = url.split('/').slice(-3).join('/')
  const name = functionName === '' ? '(anonymous)' : functionName
  return file === '' ? name : `${name}  ${file}:${lineNumber + 1}`
}
