/** `millrace check`: every fault of a project that can be found without taking calls. */
import { ConfigError, type Fault, faultLine } from '../../config/faults.ts'
import { ExitCode } from '../exit-code.ts'
import type { CheckArgs } from '../options.ts'
import { openProject } from '../project.ts'
import { runtimeHosts } from '../runtime-hosts.ts'
import { counted } from '../table.ts'
import type { Terminal } from '../terminal.ts'

export async function check(args: CheckArgs, terminal: Terminal): Promise<ExitCode> {
  let faults: readonly Fault[] = []
  let title = ''
  let functions = 0
  try {
    const project = openProject(
      {
        target: args.config,
        config: undefined,
        // What may listen where is for `start` to refuse: it has --insecure.
        listen: { listen: undefined, port: undefined, insecure: true },
        environment: process.env,
        cwd: process.cwd(),
      },
      runtimeHosts(),
    )
    title = project.title
    functions = project.programs.reduce((sum, program) => sum + (program.options.functions?.length ?? 0), 0)
    if (args.start) faults = await (await import('../start-once.ts')).startOnce(project.programs)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    faults = error.faults
  }
  if (args.output === 'json') {
    const listed = faults.map(({ place, message }) => ({ ...place, message }))
    terminal.line(JSON.stringify({ ok: faults.length === 0, faults: listed }))
  } else if (faults.length === 0) {
    terminal.line(functions === 0 ? `${title}: ok` : `${title}: ok (${counted(functions, 'function')})`)
  } else {
    for (const fault of faults) terminal.error(faultLine(fault))
  }
  return faults.length === 0 ? ExitCode.ok : ExitCode.failure
}
