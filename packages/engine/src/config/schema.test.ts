import { describe, expect, it } from 'vitest'
import schema from '../../schema/millrace.schema.json' with { type: 'json' }
import { parseConfig } from './load.ts'

/** Every schema of a key, with the key's path. */
function* keysOf(node: object, path: string): Generator<[string, Record<string, unknown>]> {
  for (const [key, child] of Object.entries(node)) {
    if (typeof child !== 'object' || child === null || Array.isArray(child)) continue
    if (path.endsWith('/properties') || path === '/$defs') yield [`${path}/${key}`, child as Record<string, unknown>]
    yield* keysOf(child, `${path}/${key}`)
  }
}

describe('millrace.schema.json', () => {
  it('describes every key, so that editors can', () => {
    const keys = [...keysOf(schema, '')]
    expect(keys.length).toBeGreaterThan(20)
    expect(keys.filter(([, child]) => typeof child.description !== 'string').map(([path]) => path)).toEqual([])
  })

  it('takes a config that uses every key', () => {
    const text = `# yaml-language-server: $schema=millrace.schema.json
$schema: millrace.schema.json
version: 1
gateway: { listen: 127.0.0.1:8080, max_payload: 8MiB }
defaults: { timeout: 60s, queue: 4096, workers: 1 }
env: { REGION: eu, KEY: "\${KEY:-default}" }
functions:
  foo: { entry: functions/foo.ts }
  bar: { entry: functions/bar.ts, handler: other, timeout: 50ms, workers: 2, concurrency: 8, queue: 16 }
  sum: { command: ["./bin/sum"] }
  crunch: { command: ["python3", "worker.py"], cwd: workers, env: { A: b } }
`
    const config = parseConfig(text, { path: '/p/millrace.yaml', label: 'millrace.yaml' }, {})
    expect(config.functions.map((one) => one.name)).toEqual(['foo', 'bar', 'sum', 'crunch'])
  })
})
