/** The Node SDK as a user has it: built, installed beside a function in JavaScript. Sources would cost a TypeScript compiler's memory. */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runBuild } from '../command.ts'

const root = join(import.meta.dirname, '../..')
const sdk = join(root, 'packages/sdk-node')
const tsup = join(root, 'node_modules/.bin/tsup')

const FUNCTION = `import { fn } from '@millrace/sdk'

export const idle = fn.bytes('idle', (input) => input)
`

/** By folder; one build serves all rounds of a run. */
const installed = new Map<string, Promise<string[]>>()

/** The command of a worker that serves `idle`, installed below `folder`. */
export function installedSdk(folder: string): Promise<string[]> {
  const found = installed.get(folder)
  if (found !== undefined) return found
  const command = install(join(folder, 'installed'))
  installed.set(folder, command)
  return command
}

async function install(folder: string): Promise<string[]> {
  const target = join(folder, 'node_modules/@millrace/sdk')
  mkdirSync(target, { recursive: true })
  copyFileSync(join(sdk, 'package.json'), join(target, 'package.json'))
  await runBuild([tsup, '--silent', '--no-dts', '--out-dir', join(target, 'dist')], sdk)
  const entry = join(folder, 'idle.mjs')
  writeFileSync(entry, FUNCTION)
  return [process.execPath, join(target, 'dist/host.cjs'), entry]
}
