/** Shell scripts in the place of workers, run to their end by the real launcher, for tests of what a level shuts off. */
import { randomBytes } from 'node:crypto'
import type { Isolation } from '../../src/isolation/level.ts'
import { LocalLauncher } from '../../src/worker/local-launcher.ts'
import { PayloadPlace } from '../../src/worker/payload-place.ts'
import { RuntimeDirectory } from '../../src/worker/runtime-directory.ts'
import type { LaunchedWorker, ProcessExit } from '../../src/world.ts'
import { freshDirectory } from './host.ts'

export interface End extends ProcessExit {
  readonly why: string | undefined
  readonly lines: readonly string[]
}

export interface ScriptPlaces {
  readonly command?: string
  readonly cwd?: string
  readonly payloads?: string
}

/**
 * Of all workers so far: as in an engine no two have one number. Their cgroups are named by it, and one that was killed has its
 * container's cgroup for a moment longer.
 */
let lastWorkerId = 0

/**
 * Runs a shell script as a worker to its end. `onLine`: told of each line, and may signal the worker. `payloads`: below
 * which directory it has its payload directory; undefined: it has none.
 */
export async function runScript(
  script: string,
  isolation: Isolation,
  onLine: (worker: LaunchedWorker) => void = () => {},
  { command: shell = 'bash', cwd = freshDirectory(), payloads }: ScriptPlaces = {},
): Promise<End> {
  const runtime = await RuntimeDirectory.create(freshDirectory(), 'sandbox-test')
  const token = () => randomBytes(16).toString('hex')
  const place = payloads === undefined ? undefined : await PayloadPlace.find(payloads, runtime, token)
  const launcher = new LocalLauncher(runtime, place)
  const end = await new Promise<End>((resolve) => {
    const command = [shell, '-c', script]
    lastWorkerId += 1
    const request = { program: 'p', workerId: lastWorkerId, command, cwd, env: {}, token: 't', isolation }
    const lines: string[] = []
    const worker = launcher.launch(request, {
      onExit: (exit, why) => resolve({ ...exit, why, lines }),
      onOutput: (_stream, line) => {
        lines.push(line)
        onLine(worker)
      },
    })
  })
  await launcher.close()
  return end
}
