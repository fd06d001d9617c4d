/** `millrace doctor`: what this host can do for isolation, rings and affinity, and what each level costs here, measured now. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Content } from '@millrace/protocol'
import { openProcessors } from '../../affinity/processors.ts'
import { measureWakes } from '../../affinity/wake-cost.ts'
import { RING_CELLS } from '../../base/limits.ts'
import { SharedMemory } from '../../channel/shared-memory.ts'
import { createEngine } from '../../engine.ts'
import { levelFault } from '../../isolation/host-facts.ts'
import { ISOLATION_LEVELS, type IsolationLevel } from '../../isolation/level.ts'
import { filterProgram } from '../../isolation/system-calls.ts'
import { HostGroups } from '../../isolation/worker-group.ts'
import { ExitCode } from '../exit-code.ts'
import { DOCTOR_CALLS, DOCTOR_STARTS } from '../limits.ts'
import type { DoctorArgs } from '../options.ts'
import { runtimeHosts } from '../runtime-hosts.ts'
import { tableLines, timeText } from '../table.ts'
import type { Terminal } from '../terminal.ts'

/** A level on this host. Costs are medians, in microseconds, of a Node worker; undefined: it does not work here. */
export interface LevelFacts {
  readonly level: IsolationLevel
  readonly works: boolean
  /** Why it does not, with the fix. Empty when it does. */
  readonly problem: string
  /** From launch to ready. */
  readonly startUs?: number
  /** A call of an empty function, through the engine. */
  readonly callUs?: number
}

/** Something else that isolation needs of the host. */
export interface HostFact {
  readonly name: string
  readonly works: boolean
  readonly problem: string
  /** What there is to know when it works. */
  readonly note?: string
}

export async function doctor(args: DoctorArgs, terminal: Terminal): Promise<ExitCode> {
  const levels: LevelFacts[] = []
  for (const level of ISOLATION_LEVELS) levels.push(await examine(level))
  const facts = [...hostFacts(), await affinityFact()]
  if (args.output === 'json') {
    terminal.line(JSON.stringify({ levels, facts }))
    return ExitCode.ok
  }
  const rows = levels.map((one) => [
    one.level,
    one.works ? 'works' : 'missing',
    one.startUs === undefined ? '-' : timeText(one.startUs),
    one.callUs === undefined ? '-' : timeText(one.callUs),
    one.problem,
  ])
  for (const line of tableLines([['ISOLATION', 'HERE', 'START', 'CALL', ''], ...rows], COSTS)) terminal.line(line)
  terminal.line('')
  const others = facts.map((one) => [one.name, one.works ? 'works' : 'missing', one.note ?? one.problem])
  for (const line of tableLines([['ALSO', 'HERE', ''], ...others])) terminal.line(line)
  return ExitCode.ok
}

const COSTS = new Set([2, 3])

async function examine(level: IsolationLevel): Promise<LevelFacts> {
  const problem = levelFault(level)
  if (problem !== undefined) return { level, works: false, problem }
  const directory = mkdtempSync(join(tmpdir(), 'millrace-doctor-'))
  try {
    writeFileSync(join(directory, 'probe.mjs'), 'export const probe = (input) => input\n')
    const starts: number[] = []
    let callUs = 0
    for (let i = 0; i < DOCTOR_STARTS; i += 1) {
      const cost = await measure(level, directory)
      if (typeof cost === 'string') return { level, works: false, problem: cost }
      starts.push(cost.startUs)
      callUs = cost.callUs
    }
    return { level, works: true, problem: '', startUs: median(starts), callUs }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** One worker from its launch to its end; the text of what went wrong. */
async function measure(
  level: IsolationLevel,
  directory: string,
): Promise<{ readonly startUs: number; readonly callUs: number } | string> {
  const { node } = runtimeHosts()
  const engine = createEngine({
    programs: [
      {
        name: 'probe',
        command: [...node.command, join(directory, 'probe.mjs')],
        cwd: directory,
        functions: [{ name: 'probe' }],
        isolation: { level, mounts: node.mounts },
      },
    ],
  })
  try {
    const begun = performance.now()
    const { failures } = await engine.start()
    const startUs = (performance.now() - begun) * 1_000
    if (failures[0] !== undefined) return failures[0].message
    const calls: number[] = []
    for (let i = 0; i < DOCTOR_CALLS; i += 1) {
      const from = performance.now()
      const outcome = await engine.invoke('probe', INPUT, { content: Content.JSON })
      calls.push((performance.now() - from) * 1_000)
      if (!outcome.ok) return outcome.failure.message
    }
    return { startUs, callUs: median(calls) }
  } finally {
    await engine.stop()
  }
}

const INPUT = new TextEncoder().encode('1')

function hostFacts(): HostFact[] {
  const groups = new HostGroups()
  const held = (name: string, problem: string | undefined): HostFact => ({
    name,
    works: problem === undefined,
    problem: problem ?? '',
  })
  return [
    held('limits.memory', groups.fault({ memoryBytes: 1 })),
    held('limits.cpus', groups.fault({ cpus: 1 })),
    held('limits.pids', groups.fault({ pids: 1 })),
    held('freezer', groups.freezes ? undefined : 'no freezer cgroup to write: paused workers are stopped by SIGSTOP'),
    held('rings', ringFault()),
    held(
      'system-call filter',
      filterProgram(process.arch) === undefined ? `none for ${process.arch} at sandbox yet; oci has one` : undefined,
    ),
  ]
}

/** Why workers could have no rings here; undefined: they could. */
function ringFault(): string | undefined {
  const memory = SharedMemory.open(RING_CELLS)
  return typeof memory === 'string' ? memory : undefined
}

/** Whether engine and workers can be placed, and what that is about. */
async function affinityFact(): Promise<HostFact> {
  const name = 'affinity'
  const processors = openProcessors()
  if (typeof processors === 'string') return { name, works: false, problem: processors }
  const cost = await measureWakes(processors)
  const count = processors.allowed.length
  const many = count === 1 ? '1 processor' : `${count} processors`
  if (cost === undefined) return { name, works: true, problem: '', note: `${many}; a wake-up could not be measured` }
  const across = cost.acrossUs === undefined ? '' : `, ${timeText(cost.acrossUs)} from one to another`
  return { name, works: true, problem: '', note: `${many}; a wake-up takes ${timeText(cost.onOneUs)} on one${across}` }
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]!
}
