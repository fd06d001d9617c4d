/**
 * What a user gets: builds the three packages, packs them, installs the packs into an empty project, and there runs
 * `millrace version` and one function by `millrace start` and `millrace invoke`. Nothing of the checkout is in reach.
 *
 *   node tools/test/install.ts
 *
 * Last line: `N passed, N failed, N skipped`. Exit codes: 0 all passed, 1 one step failed.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { build, install, PACKAGES, type Pack, pack, run } from '../packs/packs.ts'

const HELLO = `import { fn, MillraceError } from '@millrace/sdk'

export const hello = fn('hello', (input: { name: string }) => ({ text: \`Hello, \${input.name}!\` }))

export const caught = fn('caught', async (name: string, ctx) => {
  try {
    return await ctx.call(name, 0)
  } catch (error) {
    return error instanceof MillraceError && error.reason
  }
})
`

const CONFIG = `version: 1
gateway: { listen: '127.0.0.1:0' }
functions:
  hello: { entry: hello.ts }
  caught: { entry: hello.ts }
`

const root = join(import.meta.dirname, '../..')
const project = mkdtempSync(join(tmpdir(), 'millrace-install-'))
const millrace = join(project, 'node_modules/.bin/millrace')

function demand(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Error(otherwise)
}

/** The address that the engine says it listens on. Throws when it ends without one. */
async function readyUrl(output: AsyncIterable<string>): Promise<string> {
  const said: string[] = []
  for await (const line of output) {
    said.push(line)
    if (!line.startsWith('{')) continue
    const record = JSON.parse(line) as { msg?: string; url?: string }
    if (record.msg === 'ready' && record.url !== undefined) return record.url
  }
  throw new Error(`millrace start ended before it was ready:\n${said.join('\n')}`)
}

/** Serves the function, calls it once, and ends the engine by SIGTERM. */
async function callOneFunction(): Promise<void> {
  writeFileSync(join(project, 'hello.ts'), HELLO)
  writeFileSync(join(project, 'millrace.yaml'), CONFIG)
  const engine = spawn(millrace, ['start'], { cwd: project, stdio: ['ignore', 'pipe', 'inherit'] })
  const exit = once(engine, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
  const output = createInterface({ input: engine.stdout })
  try {
    const url = await readyUrl(output)
    output.resume() // What it logs from here on matters to nobody, but must not fill the pipe.
    const answer = run(project, millrace, 'invoke', 'hello', '--url', url, '--json', '--data', '{"name":"Ada"}')
    const { text } = JSON.parse(answer) as { text: string }
    demand(text === 'Hello, Ada!', `hello answered ${answer}`)
    // The host has the SDK in itself: what it throws must be of the class that the user's file imports.
    const reason = run(project, millrace, 'invoke', 'caught', '--url', url, '--json', '--data', '"no.such"')
    demand(JSON.parse(reason) === 'not_found', `caught answered ${reason}`)
  } finally {
    engine.kill('SIGTERM')
  }
  const [code, signal] = await exit
  demand(code === 0, `millrace start ended by ${signal ?? `exit code ${code}`} on SIGTERM`)
}

const packs: Pack[] = []
const STEPS: readonly (readonly [name: string, step: () => unknown])[] = [
  ...PACKAGES.map((name) => [`${name} builds`, () => build(name)] as const),
  ...PACKAGES.map(
    (name) =>
      [
        `${name} packs, with its build`,
        () => {
          const one = pack(name, project)
          const source = one.files.find((path) => path.startsWith('src/') || path.includes('.test.'))
          demand(source === undefined, `the pack holds ${source}`)
          demand(one.files.includes('dist/index.js'), 'the pack lacks dist/index.js')
          packs.push(one)
        },
      ] as const,
  ),
  ['the packs install into an empty project', () => install(project, packs)],
  [
    'millrace version prints the version of the package',
    () => {
      const { version } = JSON.parse(readFileSync(join(root, 'packages/engine/package.json'), 'utf8')) as {
        version: string
      }
      const printed = run(project, millrace, 'version')
      demand(printed.includes(version), `it printed ${printed}`)
    },
  ],
  ['a function of an installed project is served and called', callOneFunction],
  [
    'the host that was installed passes the tests of the host',
    () => {
      const host = join(project, 'node_modules/@millrace/sdk/dist/host.cjs')
      const tests = ['host', 'prewarm'].map((name) => `packages/sdk-node/test/${name}.test.ts`)
      run(root, 'env', `MILLRACE_TEST_HOST=${host}`, 'vitest', 'run', ...tests)
    },
  ],
]

let passed = 0
let failed = 0
try {
  for (const [name, step] of STEPS) {
    try {
      await step()
      passed += 1
      console.log(`passed: ${name}`)
    } catch (error) {
      failed += 1
      console.log(`FAILED: ${name}\n${error instanceof Error ? error.message : error}`)
      break // Each step needs those before it.
    }
  }
} finally {
  rmSync(project, { recursive: true, force: true })
}
console.log(`${passed} passed, ${failed} failed, ${STEPS.length - passed - failed} skipped`)
process.exitCode = failed > 0 ? 1 : 0
