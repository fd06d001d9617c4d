import { describe, expect, it } from 'vitest'
import { found } from '../testing.ts'
import { imports } from './imports.ts'

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
