/** Reads the state tables of `spec/states/`, checks them, and draws them. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { parse } from 'yaml'
import { parseRules, proseFiles } from './rules.ts'

/** A state or an event. */
export interface Named {
  readonly name: string
  readonly doc: string
}

/** What one event does in one state. */
export interface Transition {
  readonly from: string
  readonly event: string
  readonly to: string
  /** What the side does, in this order. */
  readonly actions: readonly string[]
  /** Ids of the rules that ask for it. */
  readonly rules: readonly string[]
}

/** One state table. An event that a state does not list changes nothing there. */
export interface Machine {
  readonly machine: string
  readonly doc: string
  readonly initial: string
  readonly final: readonly string[]
  readonly states: readonly Named[]
  readonly events: readonly Named[]
  readonly transitions: readonly Transition[]
}

/** State tables by name: channel, worker, call. */
export type Machines = Readonly<Record<string, Machine>>

/**
 * Every state table of the repository at `root`.
 * Throws an Error that lists every fault with its place when one breaks its schema or contradicts itself or the prose.
 */
export function loadStates(root: string): Machines {
  const schema = JSON.parse(readFileSync(join(root, 'spec/states.schema.json'), 'utf8')) as object
  const ajv = new Ajv2020({ allErrors: true, strict: true })
  const validate = ajv.compile<Machine>(schema)
  const rules = new Set(parseRules(proseFiles(root)).rules.map((rule) => rule.id))
  const machines: Record<string, Machine> = {}
  const faults: string[] = []
  for (const name of readdirSync(join(root, 'spec/states')).sort()) {
    const path = `spec/states/${name}`
    const machine: unknown = parse(readFileSync(join(root, path), 'utf8'))
    if (!validate(machine)) {
      faults.push(`${path}: ${ajv.errorsText(validate.errors, { separator: '; ' })}`)
      continue
    }
    if (`${machine.machine}.yaml` !== name)
      faults.push(`${path}: is of the machine ${machine.machine}; name the file after it`)
    faults.push(...contradictions(machine, rules).map((fault) => `${path}: ${fault}`))
    machines[machine.machine] = machine
  }
  if (faults.length > 0) throw new Error(`the state tables are faulty:\n${faults.join('\n')}`)
  return machines
}

/** What a schema cannot say: names that exist, one transition for a state and event, states that can be reached. */
export function contradictions(machine: Machine, rules: ReadonlySet<string>): string[] {
  const faults: string[] = []
  const states = names(machine.states, 'state', faults)
  const events = names(machine.events, 'event', faults)
  const known = (state: string, where: string): void => {
    if (!states.has(state)) faults.push(`${where}: no state ${state}`)
  }
  known(machine.initial, 'initial')
  for (const state of machine.final) known(state, 'final')
  const seen = new Set<string>()
  const used = new Set<string>()
  for (const { from, event, to, rules: ids } of machine.transitions) {
    const where = `${from} on ${event}`
    known(from, where)
    known(to, where)
    if (!events.has(event)) faults.push(`${where}: no event ${event}`)
    if (seen.has(where)) faults.push(`${where}: two transitions; there may be one`)
    seen.add(where)
    used.add(event)
    if (machine.final.includes(from)) faults.push(`${where}: ${from} is final and has no way out`)
    for (const id of ids) if (!rules.has(id)) faults.push(`${where}: no rule ${id} in the prose`)
  }
  for (const event of events) if (!used.has(event)) faults.push(`event ${event} is used by no transition`)
  const reached = reachable(machine)
  for (const state of states) {
    if (!reached.has(state)) faults.push(`state ${state} cannot be reached from ${machine.initial}`)
    const stuck =
      !machine.final.includes(state) && !machine.transitions.some(({ from, to }) => from === state && to !== state)
    if (stuck) faults.push(`state ${state} is not final and has no way out`)
  }
  return faults
}

/**
 * A Mermaid drawing of one machine and its tables, as Markdown.
 * Throws an Error when there is no machine of that name.
 */
export function drawStates(machines: Machines, name: string): string {
  const machine = machines[name]
  if (machine === undefined) throw new Error(`no state table ${name}; there are ${Object.keys(machines).join(', ')}`)
  return [drawing(machine), stateTable(machine), eventTable(machine), transitionTable(machine)].join('\n\n')
}

function drawing(machine: Machine): string {
  const lines = ['```mermaid', 'stateDiagram-v2', `  [*] --> ${machine.initial}`]
  const arrows = new Map<string, string[]>()
  for (const { from, event, to } of machine.transitions) {
    const arrow = `  ${from} --> ${to}`
    arrows.set(arrow, [...(arrows.get(arrow) ?? []), event])
  }
  for (const [arrow, events] of arrows) lines.push(`${arrow} : ${events.join(', ')}`)
  for (const state of machine.final) lines.push(`  ${state} --> [*]`)
  return [...lines, '```'].join('\n')
}

function stateTable(machine: Machine): string {
  return table(
    ['state', 'means'],
    machine.states.map(({ name, doc }) => [`\`${name}\``, doc]),
  )
}

function eventTable(machine: Machine): string {
  return table(
    ['event', 'means'],
    machine.events.map(({ name, doc }) => [`\`${name}\``, doc]),
  )
}

function transitionTable(machine: Machine): string {
  const rows = machine.transitions.map(({ from, event, to, actions, rules }) => [
    `\`${from}\``,
    `\`${event}\``,
    `\`${to}\``,
    actions.map((action) => action.replaceAll('_', ' ')).join(', '),
    rules.map((id) => `\`${id}\``).join(', '),
  ])
  return `${table(['from', 'event', 'to', 'does', 'rules'], rows)}\n\nAn event that a state does not list changes nothing there.`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n')
}

function reachable(machine: Machine): Set<string> {
  const reached = new Set([machine.initial])
  for (let before = 0; before !== reached.size; ) {
    before = reached.size
    for (const { from, to } of machine.transitions) if (reached.has(from)) reached.add(to)
  }
  return reached
}

function names(list: readonly Named[], what: string, faults: string[]): Set<string> {
  const all = new Set<string>()
  for (const { name } of list) {
    if (all.has(name)) faults.push(`${what} ${name} is there twice`)
    all.add(name)
  }
  return all
}
