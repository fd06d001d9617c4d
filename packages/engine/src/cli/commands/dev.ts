/** `millrace dev`: runs functions while they are written. */
import { DevSession } from '../dev/session.ts'
import type { ExitCode } from '../exit-code.ts'
import { makeLog } from '../log.ts'
import type { DevArgs } from '../options.ts'
import { openProject } from '../project.ts'
import { runtimeHosts } from '../runtime-hosts.ts'
import type { Terminal } from '../terminal.ts'

export async function dev(args: DevArgs, terminal: Terminal): Promise<ExitCode> {
  const { target, config, verbose } = args
  const cwd = process.cwd()
  const project = openProject({ target, config, listen: args, environment: process.env, cwd }, runtimeHosts())
  const log = verbose ? await makeLog({ level: 'debug', to: 2, pretty: true, colors: terminal.colors }) : undefined
  return new DevSession(project, terminal, { log, cwd }).run()
}
