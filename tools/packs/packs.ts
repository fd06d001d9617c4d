/** The three npm packages as a user gets them: built, packed, and installed into a project with nothing of the checkout in reach. */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** In the order in which they build: each needs those before it. */
export const PACKAGES = ['protocol', 'sdk-node', 'engine'] as const

const root = join(import.meta.dirname, '../..')

/** Runs to its end and returns its standard output; throws with all it said when it fails. */
export function run(folder: string, program: string, ...args: string[]): string {
  const ended = spawnSync(program, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  if (ended.error !== undefined) throw ended.error
  if (ended.status !== 0) {
    throw new Error(`${[program, ...args].join(' ')}: exit code ${ended.status}\n${ended.stdout}${ended.stderr}`)
  }
  return ended.stdout
}

/** Builds a package into its `dist`. */
export function build(name: (typeof PACKAGES)[number]): void {
  run(join(root, 'packages', name), 'tsup')
}

/** A pack and what it holds. */
export interface Pack {
  readonly path: string
  readonly files: readonly string[]
}

/** Packs a package that was built, into a folder. */
export function pack(name: (typeof PACKAGES)[number], folder: string): Pack {
  const output = run(join(root, 'packages', name), 'npm', 'pack', '--json', '--pack-destination', folder)
  const [packed] = JSON.parse(output) as { filename: string; files: { path: string }[] }[]
  if (packed === undefined) throw new Error('npm pack said nothing')
  return { path: join(folder, packed.filename), files: packed.files.map(({ path }) => path) }
}

/** Installs packs into an empty project. Afterwards `node_modules/.bin/millrace` is there. */
export function install(project: string, packs: readonly Pack[]): void {
  writeFileSync(join(project, 'package.json'), '{ "name": "hello", "private": true, "type": "module" }\n')
  const paths = packs.map(({ path }) => path)
  run(project, 'npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', ...paths)
}
