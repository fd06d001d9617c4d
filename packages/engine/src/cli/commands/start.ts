/** `millrace start`: serves a config until it is told to end. Logs to standard output, JSON unless people look on. */
import { createEngine } from '../../engine.ts'
import { EngineReports } from '../engine-reports.ts'
import { ExitCode } from '../exit-code.ts'
import { Lifetime } from '../lifetime.ts'
import { makeLog } from '../log.ts'
import type { StartArgs } from '../options.ts'
import { openProject } from '../project.ts'
import { runtimeHosts } from '../runtime-hosts.ts'
import { shardCount } from '../shards/shard-count.ts'
import { gatewayUrl, startEngine } from '../start-engine.ts'
import type { Terminal } from '../terminal.ts'
import { VERSION } from '../version.ts'

export async function start(args: StartArgs, terminal: Terminal): Promise<ExitCode> {
  const project = openProject(
    { target: args.config, config: undefined, listen: args, environment: process.env, cwd: process.cwd() },
    runtimeHosts(),
  )
  const shards = shardCount(args.shards)
  if (shards > 1) {
    const { startShards } = await import('../shards/start-shards.ts')
    return await startShards(project, shards, args, terminal)
  }
  const log = await makeLog({ level: args.logLevel, to: 1, pretty: terminal.interactive, colors: terminal.colors })
  const reports = new EngineReports(log)
  const engine = createEngine({
    ...project.engine,
    programs: project.programs.map((program) => program.options),
    ...reports.options,
  })
  const lifetime = new Lifetime(engine, {
    draining: (signal, openCalls) => log.info({ signal, openCalls }, 'draining'),
    killing: (signal) => log.warn({ signal }, 'killing the workers'),
  })
  const { failures } = await startEngine(engine, project.gateway)
  const lines = reports.started(failures)
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
