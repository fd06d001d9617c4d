/**
 * Fills the generated regions of `spec/*.md`: whatever stands between a line `<!-- generate:NAME -->` and the next
 * line `<!-- /generate -->`. Text outside the regions is never touched.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { drawStates, loadStates } from '../../spec/states.ts'
import type { Layout } from '../layout.ts'
import { protoTable } from './proto-tables.ts'
import { markdown, TABLE_NAMES } from './tables.ts'

const BEGIN = /^<!-- generate:(\S+) -->$/
const END = '<!-- /generate -->'
const MACHINES = ['channel', 'worker', 'call']

/** The drawing of one state table, as Markdown. */
export type DrawStates = (machine: string) => string

/**
 * The text with every region filled. `file` is for errors.
 * Throws an Error with file and line for a name that does not exist and a region that never ends.
 */
export function fill(file: string, text: string, layout: Layout, draw: DrawStates): string {
  const lines = text.split('\n')
  const out: string[] = []
  for (let i = 0; i < lines.length; i += 1) {
    const line = lines[i]!
    if (line === END) throw new Error(`${file}:${i + 1}: ${END} without a <!-- generate:NAME --> before it`)
    out.push(line)
    const name = BEGIN.exec(line)?.[1]
    if (name === undefined) {
      if (line.includes('<!-- generate:'))
        throw new Error(`${file}:${i + 1}: a generate marker must be a line of its own`)
      continue
    }
    const end = lines.indexOf(END, i + 1)
    const next = lines.findIndex((other, at) => at > i && BEGIN.test(other))
    if (end === -1 || (next !== -1 && next < end)) throw new Error(`${file}:${i + 1}: generate:${name} has no ${END}`)
    out.push('', region(`${file}:${i + 1}`, name, layout, draw), '', END)
    i = end
  }
  return out.join('\n')
}

function region(place: string, name: string, layout: Layout, draw: DrawStates): string {
  const machine = name.startsWith('states:') ? name.slice('states:'.length) : undefined
  if (machine !== undefined && MACHINES.includes(machine)) return draw(machine)
  const found = name.startsWith('proto:')
    ? protoTable(join(import.meta.dirname, '../../..'), name.slice('proto:'.length))
    : markdown(layout, name)
  if (found !== undefined) return found
  const names = [...TABLE_NAMES, 'type:NAME', 'proto:MESSAGE', ...MACHINES.map((one) => `states:${one}`)]
  throw new Error(`${place}: nothing is generated under the name ${name}; there are ${names.join(', ')}`)
}

/** Path from the top folder → text, of every `spec/*.md` that has a region. */
export function proseOutputs(root: string, layout: Layout): Record<string, string> {
  const files: Record<string, string> = {}
  const folder = join(root, 'spec')
  const machines = loadStates(root)
  const states: DrawStates = (machine) => drawStates(machines, machine)
  for (const name of readdirSync(folder).filter((one) => one.endsWith('.md'))) {
    const path = `spec/${name}`
    const text = readFileSync(join(folder, name), 'utf8')
    if (text.includes('<!-- generate:') || text.includes(END)) files[path] = fill(path, text, layout, states)
  }
  return files
}
