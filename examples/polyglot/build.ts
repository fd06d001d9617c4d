/** Builds the workers of this example that need it, into `out/polyglot`. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const here = import.meta.dirname
const out = join(here, '../../out/polyglot')
const BUILD_SECONDS_MAX = 600

/** Throws an Error that says what failed, or which toolchain is missing. Quick when nothing changed. */
export function build(): void {
  run('go', ['build', '-o', join(out, 'go-worker'), '.'], join(here, 'go'))
  run('cmake', ['-S', join(here, 'cpp'), '-B', join(out, 'cpp')], here)
  run('cmake', ['--build', join(out, 'cpp'), '--parallel', '2', '--target', 'cpp-worker'], here)
}

function run(command: string, args: readonly string[], cwd: string): void {
  const done = spawnSync(command, args, { cwd, encoding: 'utf8', timeout: BUILD_SECONDS_MAX * 1_000 })
  if (done.error !== undefined) throw new Error(`${command} could not run: ${done.error.message}; install it`)
  if (done.status !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${done.stdout}${done.stderr}`)
}
