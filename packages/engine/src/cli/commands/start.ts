/** `millrace start`: serves a config until it is told to end. Logs to standard output, JSON unless people look on. */
import { createEngine } from '../../engine.ts'
import { ExitCode } from '../exit-code.ts'
import { LastWords } from '../last-words.ts'
import { Lifetime } from '../lifetime.ts'
import { makeLog } from '../log.ts'
import type { StartArgs } from '../options.ts'
import { openProject } from '../project.ts'
import { runtimeHosts } from '../runtime-hosts.ts'
import { gatewayUrl, startEngine } from '../start-engine.ts'
import type { Terminal } from '../terminal.ts'
import { VERSION } from '../version.ts'

export async function start(args: StartArgs, terminal: Terminal): Promise<ExitCode> {
  const project = openProject(
    { target: args.config, config: undefined, listen: args, environment: process.env, cwd: process.cwd() },
    runtimeHosts(),
  )
  const log = await makeLog({ level: args.logLevel, to: 1, pretty: terminal.interactive, colors: terminal.colors })
  const words = new LastWords()
  let starting = true
  const engine = createEngine({
    ...project.engine,
    programs: project.programs.map((program) => program.options),
    log,
    onOutput: (program, workerId, stream, line) => {
      if (starting) words.heard(program, stream, line)
      if (stream === 'stderr') log.warn({ program, workerId, stream }, line)
      else log.info({ program, workerId, stream }, line)
    },
    onLog: ({ level, message, attributes, program, workerId, callId, function: name, traceId }) =>
      log[level]({ program, workerId, callId, function: name, traceId, attributes }, message),
  })
  const lifetime = new Lifetime(engine, {
    draining: (signal, openCalls) => log.info({ signal, openCalls }, 'draining'),
    killing: (signal) => log.warn({ signal }, 'killing the workers'),
  })
  const { failures } = await startEngine(engine, project.gateway)
  starting = false
  const lines = failures.map(({ program, message }) => `${program} cannot start: ${words.explain(program, message)}`)
  if (lines.length > 0 && !lifetime.stopping) {
    if (!args.keepGoing) {
      lifetime.stop(ExitCode.failure)
      const code = await lifetime.ended()
      for (const line of lines) terminal.error(line)
      return code
    }
    for (const line of lines) log.error(line)
  }
  if (!lifetime.stopping) {
    log.info({ url: gatewayUrl(engine.address ?? project.gateway), version: VERSION, config: project.title }, 'ready')
  }
  const code = await lifetime.ended()
  log.info('ended')
  return code
}
