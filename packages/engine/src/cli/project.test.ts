import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openProject } from './project.ts'
import { runtimeHosts } from './runtime-hosts.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-project-'))
  writeFileSync(join(directory, 'a.ts'), '')
})
afterEach(() => rmSync(directory, { recursive: true }))

/** What the engine is told by a config of these lines and one function. */
function engineOf(lines: string) {
  writeFileSync(join(directory, 'millrace.yaml'), `version: 1\n${lines}functions: { a: { entry: a.ts } }\n`)
  const listen = { listen: undefined, port: undefined, insecure: false }
  const request = { target: undefined, config: undefined, listen, environment: {}, cwd: directory }
  return openProject(request, runtimeHosts()).engine
}

it('tells the engine what the config says, and leaves to it what the config does not', () => {
  expect(engineOf('drain: 90s\naffinity: pack\nrings: park\n')).toMatchObject({
    drainTimeoutUs: 90_000_000,
    affinity: 'pack',
    rings: 'park',
  })
  const left = engineOf('')
  for (const option of ['drainTimeoutUs', 'affinity', 'rings', 'prewarm']) expect(left).not.toHaveProperty(option)
})
