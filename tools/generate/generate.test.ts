/** The generator's own checks: what it refuses, and the second opinion on what it writes. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { contradictions, loadLayout } from './layout.ts'
import { protoImage, reasonFaults } from './proto.ts'
import { diagram } from './targets/diagram.ts'
import { fill } from './targets/prose.ts'
import { differences, vectorFiles } from './vectors/vectors.ts'

const root = join(import.meta.dirname, '../..')
const layout = loadLayout(root)
const noStates = (): string => 'states'

function oracle(folder: string): { status: number | null; stdout: string; stderr: string } {
  return spawnSync('python3', ['-B', join(root, 'tools/generate/oracle.py'), folder], { encoding: 'utf8' })
}

describe('prose', () => {
  it('fills a region and keeps the text around it', () => {
    const text = 'before\n<!-- generate:flags -->\nSTALE\n<!-- /generate -->\nafter\n'
    const filled = fill('a.md', text, layout, noStates)
    expect(filled).toMatch(/^before\n<!-- generate:flags -->\n\n\| Bit \|/)
    expect(filled).toMatch(/\n\n<!-- \/generate -->\nafter\n$/)
    expect(filled).not.toContain('STALE')
    expect(fill('a.md', filled, layout, noStates)).toBe(filled)
  })

  it.each([
    [
      '<!-- generate:nothing -->\n<!-- /generate -->',
      /^a\.md:1: nothing is generated under the name nothing; there are fields, /,
    ],
    [
      '<!-- generate:type:NOTHING -->\n<!-- /generate -->',
      /^a\.md:1: nothing is generated under the name type:NOTHING/,
    ],
    ['x\n<!-- generate:flags -->\n', /^a\.md:2: generate:flags has no <!-- \/generate -->/],
    ['<!-- generate:flags -->\n<!-- generate:types -->\n<!-- /generate -->', /^a\.md:1: generate:flags has no/],
    ['x\n\n<!-- /generate -->', /^a\.md:3: <!-- \/generate --> without/],
    ['see <!-- generate:flags -->', /^a\.md:1: a generate marker must be a line of its own/],
  ])('names file and line of the fault in %j', (text, message) => {
    expect(() => fill('a.md', text, layout, noStates)).toThrow(message)
  })

  it('asks for the drawing of a state table by its name', () => {
    expect(
      fill('a.md', '<!-- generate:states:call -->\n<!-- /generate -->', layout, (name) => `drawn ${name}`),
    ).toContain('drawn call')
  })

  it('draws a wide field over several rows and a reserved byte as 0', () => {
    const drawn = diagram(
      [
        { name: 'id', offset: 0, type: 'u8[8]', doc: 'An id.' },
        { name: 'kind', offset: 8, type: 'u8', doc: 'A kind.' },
      ],
      12,
    )
    expect(drawn.split('\n').slice(3, -1)).toEqual([
      '   0 | id                                                    |',
      '     |                                                       |',
      '   4 |                                                       |',
      '     +-------------+-------------+-------------+-------------+',
      '   8 | kind        | 0                                       |',
      '     +-------------+-------------+-------------+-------------+',
    ])
  })
})

describe('layout and protos', () => {
  it('agree on every reason', () => {
    expect(reasonFaults(protoImage(root), layout)).toEqual([])
  })

  it('disagree when the layout has a reason that the protos lack', () => {
    const more = { ...layout, reasons: [...layout.reasons, { ...layout.reasons[0]!, name: 'later', value: 999 }] }
    expect(reasonFaults(protoImage(root), more)).toEqual(['proto: REASON_LATER is missing, spec/layout.yaml says 999'])
  })

  it('refuses a layout whose fields overlap within a type', () => {
    const fields = layout.fields.map((field) => (field.name === 'attempt' ? { ...field, offset: 24 } : field))
    expect(contradictions({ ...layout, fields })).toContain('types.INVOKE: attempt overlaps another field at byte 24')
  })
})

describe('vectors', () => {
  it('count every field in which two messages differ, and body bytes with body_length as one', () => {
    const base = { sender: 'worker', type: 'DATA', fields: { call_id: 1 }, body: Uint8Array.of(1) } as const
    expect(differences(layout, { ...base, fields: { call_id: 3 } }, base)).toEqual(['call_id'])
    expect(differences(layout, { ...base, body: Uint8Array.of(1, 2) }, base)).toEqual(['body'])
    expect(differences(layout, { ...base, sender: 'engine', fields: { call_id: 2, flags: 1 } }, base)).toEqual([
      'sender',
      'flags',
      'call_id',
    ])
    expect(differences(layout, { ...base, bytes: { 8: 1, 60: 1 } }, base)).toEqual(['reserved', 'reserved'])
  })

  it('are decoded and judged alike by the reader written by hand in Python', () => {
    const run = oracle(join(root, 'spec/vectors'))
    expect(run.stderr).toBe('')
    expect(run.stdout).toMatch(/ 0 disagreements\n$/)
    expect(run.status).toBe(0)
  })

  it('make that reader fail when one byte of one vector changes', () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-vectors-'))
    try {
      cpSync(join(root, 'spec/vectors'), folder, { recursive: true })
      const file = join(folder, 'calls.json')
      const content = JSON.parse(readFileSync(file, 'utf8')) as { vectors: { id: string; hex: string }[] }
      const vector = content.vectors.find((one) => one.id === 'invoke-payload-960')!
      vector.hex = vector.hex.replace(/^10/, '11')
      writeFileSync(file, JSON.stringify(content))
      const run = oracle(folder)
      expect(run.status).toBe(1)
      expect(run.stderr).toContain('calls.json: invoke-payload-960: ')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('give every rule that a lone message or body can break at least one reject with its accept', () => {
    const files = Object.values(vectorFiles(layout)).map(
      (text) => JSON.parse(text) as { vectors?: { result: string; rule?: string; differs?: string }[] },
    )
    const rejects = files.flatMap((file) => file.vectors ?? []).filter((vector) => vector.result === 'reject')
    expect(rejects.length).toBeGreaterThan(100)
    expect(rejects.every((vector) => vector.rule !== undefined && vector.differs !== undefined)).toBe(true)
    const verdict = readFileSync(join(root, 'packages/protocol/src/verdict.ts'), 'utf8')
    const named = [...verdict.matchAll(/'([a-z]+(?:-[a-z0-9]+)+)'/g)].map((match) => match[1]!)
    const covered = new Set(rejects.map((vector) => vector.rule))
    expect(named.filter((rule) => !covered.has(rule))).toEqual([])
  })
})
