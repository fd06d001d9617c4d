import { describe, expect, it } from 'vitest'
import type { Rule } from './rule.ts'
import { adr } from './rules/adr.ts'
import { changelog } from './rules/changelog.ts'
import { generated } from './rules/generated.ts'
import { imports } from './rules/imports.ts'
import { lock } from './rules/lock.ts'
import { markdown } from './rules/markdown.ts'
import { os } from './rules/os.ts'
import { places } from './rules/places.ts'
import { silenced } from './rules/silenced.ts'
import { sizes } from './rules/sizes.ts'
import { waits } from './rules/waits.ts'
import { words } from './rules/words.ts'
import { Tree } from './tree.ts'

const tree = (files: Record<string, string>) => new Tree(Object.entries(files).map(([path, text]) => ({ path, text })))

/** What the rule finds in these files, as `path:line`. */
const found = (rule: Rule, files: Record<string, string>) =>
  rule.check(tree(files)).map(({ path, line }) => (line === undefined ? path : `${path}:${line}`))

const ENGINE = 'packages/engine/src'

describe('imports', () => {
  it('lets a room import from those below it and from itself, and not from those above', () => {
    const call = `${ENGINE}/call/call.ts`
    const files = { [`${ENGINE}/gateway/door.ts`]: '', [`${ENGINE}/base/ring.ts`]: '', [`${ENGINE}/call/a.ts`]: '' }
    expect(found(imports, { ...files, [call]: "import '../base/ring.ts'\nimport './a.ts'" })).toEqual([])
    expect(found(imports, { ...files, [call]: "\nimport type { Door } from '../gateway/door.ts'" })).toEqual([
      `${call}:2`,
    ])
  })

  it('asks a room of every file of the engine', () => {
    expect(found(imports, { [`${ENGINE}/utils/all.ts`]: '' })).toEqual([`${ENGINE}/utils/all.ts`])
  })

  it('finds a ring once, however long', () => {
    const files = { 'tools/a.ts': "import './b.ts'", 'tools/b.ts': "import './c.ts'", 'tools/c.ts': "import './a.ts'" }
    expect(found(imports, files)).toEqual(['tools/a.ts'])
    expect(found(imports, { ...files, 'tools/c.ts': '' })).toEqual([])
  })

  it('passes a ring of types within a folder, and not between folders', () => {
    const types = "import { x } from 'y'\nimport type { A } from"
    const ring = (a: string, b: string) =>
      found(imports, { [`tools/${a}`]: `${types} './${b}'`, [`tools/${b}`]: `import { A } from './${a}'` })
    expect(ring('a.ts', 'b.ts')).toEqual([])
    const apart = { 'tools/a.ts': `${types} './in/b.ts'`, 'tools/in/b.ts': "import '../a.ts'" }
    expect(found(imports, apart)).toEqual(['tools/a.ts'])
  })

  it('keeps what is for tests out of what runs', () => {
    const golden = { 'packages/protocol/src/golden.ts': '' }
    const importing = (file: string) =>
      found(imports, { ...golden, [`packages/protocol/src/${file}`]: "import './golden.ts'" })
    expect(importing('verdict.test.ts')).toEqual([])
    expect(importing('verdict.ts')).toEqual(['packages/protocol/src/verdict.ts:1'])
  })

  it('lets protocol import itself and protobuf alone', () => {
    const wire = 'packages/protocol/src/cold.ts'
    const importing = (name: string) => found(imports, { [wire]: `import '${name}'` })
    expect(importing('@bufbuild/protobuf')).toEqual([])
    expect(importing('@bufbuild/protobuf/wire')).toEqual([])
    expect(importing('@bufbuild/protobuf-other')).toEqual([`${wire}:1`])
    expect(importing('@millrace/engine')).toEqual([`${wire}:1`])
  })

  it('keeps protobuf away from the hot path', () => {
    const importing = (file: string) =>
      found(imports, { [`packages/protocol/src/${file}`]: "import './cold.ts'", 'packages/protocol/src/cold.ts': '' })
    expect(importing('verdict.ts')).toEqual(['packages/protocol/src/verdict.ts:1'])
    expect(importing('cold-span.ts')).toEqual([])
  })

  it('lets the SDK import the engine for its test kit only', () => {
    const importing = (file: string) =>
      found(imports, { [`packages/sdk-node/src/${file}`]: "import '@millrace/engine'" })
    expect(importing('testing.ts')).toEqual([])
    expect(importing('worker.ts')).toEqual(['packages/sdk-node/src/worker.ts:1'])
  })
})

describe('os', () => {
  const inside = (text: string, file = 'call/call.ts') => found(os, { [`${ENGINE}/${file}`]: text })

  it('finds modules, globals and clocks in a file that is not listed', () => {
    for (const text of [
      "import { readFileSync } from 'node:fs'",
      "import http from 'node:http'",
      'setTimeout(() => {}, 1)',
      'const at = Date.now()',
      'const at = new Date()',
      'const chance = Math.random()',
      'process.exit(1)',
    ]) {
      expect(inside(text), text).toEqual([`${ENGINE}/call/call.ts:1`])
    }
  })

  it('passes what only computes, types, and the same words in comments, strings and members', () => {
    for (const text of [
      "import { join } from 'node:path'",
      "import { isIPv6 } from 'node:net'",
      "import type { Socket } from 'node:net'",
      '// setTimeout(0) and process.exit(1)',
      "const text = 'Date.now()'",
      'clock.setTimeout(1); worker.process.exit()',
      'const at = new Date(5)',
    ]) {
      expect(inside(text), text).toEqual([])
    }
  })

  it('passes the listed files and tests', () => {
    expect(inside("import 'node:fs'", 'channel/pipe-reader.ts')).toEqual([])
    expect(inside("import 'node:fs'", 'call/call.test.ts')).toEqual([])
    expect(inside("import 'node:fs'", 'channel/channel.ts')).toEqual([`${ENGINE}/channel/channel.ts:1`])
  })
})

describe('words', () => {
  it('finds a banned word in prose and in every style of name, singular or plural', () => {
    for (const text of ['the next frame', 'nextFrame', 'next_frames', 'FRAME_BYTES', 'FrameReader', 'TODO: later']) {
      expect(found(words, { 'a.ts': `\n${text}` }), text).toEqual(['a.ts:2'])
    }
  })

  it('passes longer words, allowed phrases and allowed places', () => {
    expect(found(words, { 'a.ts': 'framework, multitasking, HTTP connections, queueMicrotask, the main job' })).toEqual(
      [],
    )
    expect(found(words, { 'spec/glossary.md': 'never frame' })).toEqual([])
    expect(found(words, { [`${ENGINE}/gateway/http-gateway.ts`]: 'connection' })).toEqual([])
    expect(found(words, { [`${ENGINE}/channel/channel.ts`]: 'connection' })).toHaveLength(1)
  })
})

describe('sizes', () => {
  const lines = (count: number) => 'x\n'.repeat(count)

  it('refuses the 401st line, and not the 400th', () => {
    expect(found(sizes, { 'a.ts': lines(400) })).toEqual([])
    expect(found(sizes, { 'a.ts': lines(401) })).toEqual(['a.ts'])
  })

  it('lets a listed file shrink and not grow, and asks to lower the list', () => {
    const listed = (count: number) => ({ 'tools/tidy/sizes.json': '{"a.ts": 500}', 'a.ts': lines(count) })
    expect(found(sizes, listed(500))).toEqual([])
    expect(found(sizes, listed(501))).toEqual(['a.ts'])
    expect(found(sizes, listed(499))).toEqual(['tools/tidy/sizes.json'])
    expect(sizes.fix?.(tree(listed(499)))).toEqual({ 'tools/tidy/sizes.json': '{\n  "a.ts": 499\n}\n' })
    expect(sizes.fix?.(tree(listed(501)))).toEqual({ 'tools/tidy/sizes.json': '{\n  "a.ts": 500\n}\n' })
    expect(sizes.fix?.(tree(listed(300)))).toEqual({ 'tools/tidy/sizes.json': '{}\n' })
  })

  it('notes a file from its 251st line on', () => {
    expect(sizes.warnings?.(tree({ 'a.ts': lines(250) }))).toEqual([])
    expect(sizes.warnings?.(tree({ 'a.ts': lines(251) }))).toHaveLength(1)
  })
})

describe('places', () => {
  it('finds a path of one machine, also in quotes and behind a scheme', () => {
    for (const text of ['cd /home/ada/millrace', '"/Users/ada"', 'file:///root/x']) {
      expect(found(places, { 'a.md': text }), text).toEqual(['a.md:1'])
    }
    expect(found(places, { 'a.md': 'docs/home/page and ./work/x and `/tmp/x`' })).toEqual([])
  })

  it('finds the host of a package registry', () => {
    expect(found(places, { 'a.md': `\n${['registry', 'example', 'org'].join('.')}` })).toEqual(['a.md:2'])
    expect(found(places, { 'a.md': 'example.org and registry.ts' })).toEqual([])
  })
})

describe('waits', () => {
  it('finds waiting for time in a test of each language, and nowhere else', () => {
    expect(found(waits, { 'a.test.ts': 'await new Promise((done) => setTimeout(done, 5))' })).toEqual(['a.test.ts:1'])
    expect(found(waits, { 'a_test.go': '\ntime.Sleep(1)' })).toEqual(['a_test.go:2'])
    expect(found(waits, { 'tests/test_a.py': 'time.sleep(1)' })).toEqual(['tests/test_a.py:1'])
    expect(found(waits, { 'a.ts': 'setTimeout(f, 5)' })).toEqual([])
  })
})

describe('silenced', () => {
  it('finds a silenced checker and a test that is set aside', () => {
    for (const text of ['// @ts-ignore', '// biome-ignore lint: no', 'x = 1  # noqa', '// NOLINT', "it.skip('x')"]) {
      expect(found(silenced, { 'a.ts': text }), text).toEqual(['a.ts:1'])
    }
    expect(found(silenced, { 'a.ts': 'list.skip(1); await only.it()' })).toEqual([])
  })
})

describe('markdown', () => {
  it('asks for one title at the top, not counting what looks like one in code', () => {
    expect(found(markdown, { 'a.md': '# A\n\n```sh\n# not a title\n```\n' })).toEqual([])
    expect(found(markdown, { 'a.md': '# A\n\n# B\n' })).toEqual(['a.md'])
    expect(found(markdown, { 'a.md': 'Words\n\n# A\n' })).toEqual(['a.md'])
  })

  it('follows links to files, folders and headings, and passes those in code', () => {
    const other = { 'docs/b.md': '# B\n\n## The `x.ts` file, twice\n\n## Same\n\n## Same\n' }
    const linking = (target: string) => found(markdown, { ...other, 'docs/a.md': `# A\n\n[x](${target})` })
    for (const target of ['b.md', '../docs', 'b.md#the-xts-file-twice', 'b.md#same-1', '#a', 'https://example.org']) {
      expect(linking(target), target).toEqual([])
    }
    for (const target of ['c.md', 'b.md#same-2', '#b']) expect(linking(target), target).toEqual(['docs/a.md:3'])
    expect(found(markdown, { 'a.md': '# A\n\n`[x](none.md)`\n' })).toEqual([])
  })
})

describe('changelog', () => {
  const GOOD = '# Changelog\n\n## [Unreleased]\n\n### Added\n\n- A thing\n  that is good.\n\n## [0.1.0] - 2026-01-31\n'
  const faults = (text: string) => found(changelog, { 'CHANGELOG.md': text })

  it('passes the usual shape', () => expect(faults(GOOD)).toEqual([]))

  it('finds a missing file, an undated release, an unknown section and prose among the changes', () => {
    expect(found(changelog, {})).toEqual(['CHANGELOG.md'])
    expect(faults(GOOD.replace('[Unreleased]', '[Next]'))).toEqual(['CHANGELOG.md'])
    expect(faults(GOOD.replace(' - 2026-01-31', ''))).toEqual(['CHANGELOG.md:10'])
    expect(faults(GOOD.replace('Added', 'News'))).toEqual(['CHANGELOG.md:5'])
    expect(faults(GOOD.replace('- A thing', 'A thing'))).toEqual(['CHANGELOG.md:7'])
    expect(faults(`${GOOD}\n## [0.2.0] - 2026-02-28\n`)).toEqual(['CHANGELOG.md'])
  })
})

describe('adr', () => {
  const record = (number: string) =>
    `# ${number}. Say so\n\nStatus: Accepted\n\n## Context\n\n## Decision\n\n## Consequences\n\n## Revisions\n\n` +
    '| date | change |\n| --- | --- |\n| 2026-01-31 | Written |\n'
  const indexed = (files: Record<string, string>) => ({ ...files, ...adr.fix?.(tree(files)) })

  it('passes records in shape with the index it wrote, and finds a stale index', () => {
    const files = indexed({ 'docs/adr/README.md': '# Decisions\n', 'docs/adr/0001-say-so.md': record('0001') })
    expect(found(adr, files)).toEqual([])
    expect(found(adr, { ...files, 'docs/adr/0002-say-more.md': record('0002') })).toEqual(['docs/adr/README.md'])
    expect(indexed(files)).toEqual(files)
  })

  it('finds a gap in the numbers, an unknown status, a missing section and an empty table', () => {
    const faults = (name: string, text: string) => found(adr, indexed({ [`docs/adr/${name}`]: text }))
    expect(faults('0002-say-so.md', record('0002'))).toEqual(['docs/adr/0002-say-so.md'])
    for (const [from, to] of [
      ['Accepted', 'Perhaps'],
      ['## Decision\n', ''],
      ['| 2026-01-31 |', '| soon |'],
    ] as const) {
      expect(faults('0001-say-so.md', record('0001').replace(from, to)), to).toEqual(['docs/adr/0001-say-so.md'])
    }
  })
})

describe('generated', () => {
  it('asks for a mark on every generated file', () => {
    const file = 'packages/a/src/generated/b/c.ts'
    expect(found(generated, { [file]: '' })).toEqual([file])
    const attributes = 'packages/*/src/generated/** linguist-generated\n'
    expect(found(generated, { [file]: '', '.gitattributes': attributes })).toEqual([])
  })
})

describe('lock', () => {
  const faults = (wanted: string, locked: string) =>
    found(lock, {
      'packages/a/package.json': `{"dependencies": {"b": "${wanted}"}}`,
      'package-lock.json': `{"packages": {"packages/a": {"dependencies": {"b": "${locked}"}}}}`,
    })

  it('finds a lock file that says otherwise, and a version that is not exact', () => {
    expect(faults('1.2.3', '1.2.3')).toEqual([])
    expect(faults('1.2.3', '1.2.2')).toEqual(['package-lock.json'])
    expect(faults('^1.2.3', '^1.2.3')).toEqual(['packages/a/package.json'])
  })
})
