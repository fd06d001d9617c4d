import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { contradictions, drawStates, loadStates, type Machine } from './states.ts'

const root = join(import.meta.dirname, '../..')
const door: Machine = {
  machine: 'door',
  doc: 'A door.',
  initial: 'open',
  final: ['gone'],
  states: [
    { name: 'open', doc: 'It is open.' },
    { name: 'shut', doc: 'It is shut.' },
    { name: 'gone', doc: 'It is no more.' },
  ],
  events: [
    { name: 'pushed', doc: 'Somebody pushed it.' },
    { name: 'burnt', doc: 'It burnt.' },
  ],
  transitions: [
    { from: 'open', event: 'pushed', to: 'shut', actions: ['make_noise'], rules: ['door-shuts'] },
    { from: 'shut', event: 'pushed', to: 'open', actions: [], rules: ['door-opens'] },
    { from: 'shut', event: 'burnt', to: 'gone', actions: [], rules: ['door-opens'] },
  ],
}
const rules = new Set(['door-shuts', 'door-opens'])
const extra = (transition: Partial<Machine['transitions'][number]>): Machine => ({
  ...door,
  transitions: [
    ...door.transitions,
    { from: 'open', event: 'burnt', to: 'gone', actions: [], rules: [], ...transition },
  ],
})

describe('a state table', () => {
  test('that is whole has no contradiction', () => {
    expect(contradictions(door, rules)).toEqual([])
  })

  test.each<[string, Machine, string]>([
    [
      'two transitions for one state and event',
      extra({ event: 'pushed' }),
      'open on pushed: two transitions; there may be one',
    ],
    ['a transition to a state that does not exist', extra({ to: 'lost' }), 'open on burnt: no state lost'],
    ['a transition from a state that does not exist', extra({ from: 'lost' }), 'lost on burnt: no state lost'],
    ['an event that does not exist', extra({ event: 'kicked' }), 'open on kicked: no event kicked'],
    ['a way out of a final state', extra({ from: 'gone' }), 'gone on burnt: gone is final and has no way out'],
    [
      'a rule that the prose does not have',
      extra({ rules: ['door-burns'] }),
      'open on burnt: no rule door-burns in the prose',
    ],
    ['an initial state that does not exist', { ...door, initial: 'lost' }, 'initial: no state lost'],
    ['a final state that does not exist', { ...door, final: ['gone', 'lost'] }, 'final: no state lost'],
    [
      'a state that cannot be reached',
      { ...door, states: [...door.states, { name: 'lost', doc: 'Nobody knows.' }] },
      'state lost cannot be reached from open',
    ],
    [
      'a state without a way out',
      { ...door, transitions: door.transitions.slice(0, 1) },
      'state shut is not final and has no way out',
    ],
    [
      'an event that nothing uses',
      { ...door, events: [...door.events, { name: 'kicked', doc: 'Kicked.' }] },
      'event kicked is used by no transition',
    ],
    ['a state twice', { ...door, states: [...door.states, door.states[0]!] }, 'state open is there twice'],
  ])('with %s is refused', (_, machine, message) => {
    expect(contradictions(machine, rules)).toContain(message)
  })

  test('is drawn with one arrow for two states and all its events, and with tables', () => {
    const drawn = drawStates({ door }, 'door')
    expect(drawn).toContain(
      '```mermaid\nstateDiagram-v2\n  [*] --> open\n  open --> shut : pushed\n  shut --> open : pushed',
    )
    expect(drawn).toContain('  gone --> [*]\n```')
    expect(drawn).toContain('| `open` | `pushed` | `shut` | make noise | `door-shuts` |')
    expect(drawn.endsWith('\n')).toBe(false)
  })

  test('that does not exist cannot be drawn', () => {
    expect(() => drawStates({ door }, 'window')).toThrow('no state table window; there are door')
  })
})

describe('the state tables of the repository', () => {
  test('are channel, worker and call, without a fault', () => {
    expect(Object.keys(loadStates(root))).toEqual(['call', 'channel', 'worker'])
  })

  test('that break their schema, or lie in a file of another name, are refused with their file', () => {
    const copy = mkdtempSync(join(tmpdir(), 'millrace-states-'))
    try {
      mkdirSync(join(copy, 'spec'))
      cpSync(join(root, 'spec/states'), join(copy, 'spec/states'), { recursive: true })
      cpSync(join(root, 'spec/states.schema.json'), join(copy, 'spec/states.schema.json'))
      for (const chapter of [
        '1-messages',
        '2-channel',
        '3-handshake',
        '4-calls',
        '5-payloads',
        '6-failures',
        '7-lifecycle',
      ]) {
        cpSync(join(root, `spec/${chapter}.md`), join(copy, `spec/${chapter}.md`))
      }
      loadStates(copy)
      const worker = readFileSync(join(copy, 'spec/states/worker.yaml'), 'utf8')
      writeFileSync(join(copy, 'spec/states/worker.yaml'), worker.replace('doc:', 'text:'))
      writeFileSync(join(copy, 'spec/states/zoo.yaml'), worker)
      expect(() => loadStates(copy)).toThrow(
        /worker\.yaml: .*must have required property 'doc'[\s\S]*zoo\.yaml: is of the machine worker/,
      )
    } finally {
      rmSync(copy, { recursive: true })
    }
  })
})
