/**
 * The protobuf side: generated code, the check that proto and layout name the same reasons, and buf's own checks.
 *
 *   node tools/generate/proto.ts            lint, format, breaking
 *   node tools/generate/proto.ts --format   formats the .proto files
 *   node tools/generate/proto.ts --release  renews the image that `breaking` compares with
 *
 * Exit codes: 0 clean, 1 a fault, with buf's words on it.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import type { Layout } from './layout.ts'
import type { Image } from './targets/cold-messages.ts'
import { upper } from './words.ts'

/** What `breaking` compares with: the protos of the last release. */
const IMAGE = 'image/v1.binpb'

/** Runs buf in proto/. Throws an Error with all that it said when it fails. */
function buf(root: string, ...args: string[]): string {
  const run = spawnSync(join(root, 'node_modules/.bin/buf'), args, {
    cwd: join(root, 'proto'),
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    // The plugins start with `env node`: the one that runs this must be found first.
    env: { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH ?? ''}` },
  })
  if (run.error !== undefined) throw new Error(`buf cannot be run (${run.error.message}): run \`make setup\``)
  if (run.status !== 0) throw new Error(`buf ${args.join(' ')}, in proto/:\n${run.stdout}${run.stderr}`)
  return run.stdout
}

/** Path from the top folder → text of every file that `buf generate` writes. Writes to a temporary folder only. */
export function protoOutputs(root: string): Record<string, string> {
  const base = mkdtempSync(join(tmpdir(), 'millrace-generate-'))
  try {
    // buf.gen.yaml's outputs begin with `../`, so they land in `base`.
    buf(root, 'generate', '--output', join(base, 'proto'))
    const files: Record<string, string> = {}
    for (const entry of readdirSync(base, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue
      const file = join(entry.parentPath, entry.name)
      files[file.slice(base.length + 1)] = readFileSync(file, 'utf8')
    }
    return files
  } finally {
    rmSync(base, { recursive: true, force: true })
  }
}

/** The protos as buf reads them, with their comments. */
export function protoImage(root: string): Image {
  return JSON.parse(buf(root, 'build', '--output', '-#format=json')) as Image
}

/** Where the Reason enum of the protos and the reasons of the layout disagree. Empty: nowhere. */
export function reasonFaults(image: Image, layout: Layout): string[] {
  const reason = image.file.flatMap((file) => file.enumType ?? []).find((one) => one.name === 'Reason')
  if (reason === undefined) return ['proto/millrace/v1: no enum Reason']
  const proto = new Map(reason.value.map((value) => [value.name, value.number ?? 0]))
  const wanted = new Map([
    ['REASON_UNSPECIFIED', 0],
    ...layout.reasons.map((one) => [`REASON_${upper(one.name)}`, one.value] as const),
  ])
  const faults: string[] = []
  for (const [name, value] of wanted) {
    if (proto.get(name) !== value)
      faults.push(`proto: ${name} is ${proto.get(name) ?? 'missing'}, spec/layout.yaml says ${value}`)
  }
  for (const name of proto.keys())
    if (!wanted.has(name)) faults.push(`spec/layout.yaml: no reason for the proto's ${name}`)
  return faults
}

/** Runs lint, format and breaking. Returns what is wrong; empty: nothing. */
export function protoFaults(root: string): string[] {
  const checks = [['lint'], ['format', '--diff', '--exit-code'], ['breaking', '--against', IMAGE]]
  return checks.flatMap((args) => {
    try {
      buf(root, ...args)
      return []
    } catch (error) {
      return [(error as Error).message]
    }
  })
}

if (import.meta.main) {
  const root = join(import.meta.dirname, '../..')
  if (process.argv.includes('--format')) buf(root, 'format', '--write')
  if (process.argv.includes('--release')) buf(root, 'build', '--exclude-source-info', '--output', IMAGE)
  const faults = protoFaults(root)
  for (const fault of faults) console.error(fault)
  process.exitCode = faults.length === 0 ? 0 : 1
}
