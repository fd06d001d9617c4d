/**
 * Starts the Millrace engine for `millrace-conformance run engine`: reads the set-up that the runner wrote, makes a
 * `millrace.yaml` of it, and runs `millrace start`. Another engine brings its own such program; INTERPRETING.md says what the
 * set-up holds.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import type { EngineSetup } from './runner/engine-setup.ts'

const MILLRACE = fileURLToPath(new URL('../packages/engine/src/cli/main.ts', import.meta.url))

const path = process.env.MILLRACE_CONFORMANCE_SETUP
if (path === undefined) {
  process.stderr.write(
    'engine adapter: MILLRACE_CONFORMANCE_SETUP is missing: run me by millrace-conformance run engine\n',
  )
  process.exit(2)
}
const setup = JSON.parse(readFileSync(path, 'utf8')) as EngineSetup
const directory = mkdtempSync(join(tmpdir(), 'millrace-engine-'))
const config = join(directory, 'millrace.yaml')
writeFileSync(config, stringify(document(setup)))
const engine = spawn(process.execPath, ['--conditions=millrace-source', MILLRACE, 'start', config, '--keep-going'], {
  stdio: 'inherit',
})
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => engine.kill(signal))
engine.on('exit', (code, signal) => {
  rmSync(directory, { recursive: true, force: true })
  process.exitCode = signal === null ? (code ?? 1) : 1
})

function document({ programs, maxPayloadBytes, queue, rings, payloadDirectory }: EngineSetup): unknown {
  const functions = programs.flatMap((program) =>
    program.functions.map(({ name, timeoutMs }) => [
      name,
      {
        command: program.command,
        env: program.env,
        workers: program.workers,
        ...(program.concurrency !== undefined && { concurrency: program.concurrency }),
        ...(timeoutMs !== undefined && { timeout: `${timeoutMs}ms` }),
      },
    ]),
  )
  return {
    version: 1,
    gateway: { listen: '127.0.0.1:0', max_payload: `${maxPayloadBytes}B` },
    defaults: { queue },
    ...(rings !== undefined && { rings }),
    payload_files: payloadDirectory === undefined ? 'off' : { directory: payloadDirectory },
    functions: Object.fromEntries(functions),
  }
}
