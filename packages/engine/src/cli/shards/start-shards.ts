/** `millrace start --shards N`: several engines behind one port, until they are told to end. */
import { DRAIN_TIMEOUT_US_DEFAULT } from '../../base/limits.ts'
import type { ExitCode as Code } from '../exit-code.ts'
import { CommandError, ExitCode } from '../exit-code.ts'
import { SHARD_STOP_DRAINS_MAX, SHARD_STOP_MS_LEAST } from '../limits.ts'
import { makeLog } from '../log.ts'
import type { StartArgs } from '../options.ts'
import type { Project } from '../project.ts'
import { gatewayUrl, listenError } from '../start-engine.ts'
import type { Terminal } from '../terminal.ts'
import { VERSION } from '../version.ts'
import { claimPort } from './claim-port.ts'
import { planShards } from './plan-shards.ts'
import { Supervisor } from './supervisor.ts'

const SIGNALS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP']

/** As `millrace start`, with `shards` engines, 2 or more. Needs Linux: nothing else spreads the client sockets of one port. */
export async function startShards(
  project: Project,
  shards: number,
  args: StartArgs,
  terminal: Terminal,
): Promise<Code> {
  const settings = { level: args.logLevel, to: 1, pretty: terminal.interactive, colors: terminal.colors } as const
  const log = await makeLog(settings)
  const { host } = project.gateway
  const gateway = { host, port: await claimed(project.gateway) }
  const { drainTimeoutUs = DRAIN_TIMEOUT_US_DEFAULT } = project.engine
  const stopMsMax = Math.max(SHARD_STOP_MS_LEAST, (drainTimeoutUs * SHARD_STOP_DRAINS_MAX) / 1_000)
  const supervisor = new Supervisor(planShards(project, shards, { gateway, log: settings }), log, stopMsMax)
  const onSignal = (signal: NodeJS.Signals): void => {
    if (supervisor.stopping) log.warn({ signal }, 'killing the shards')
    else log.info({ signal, shards }, 'draining the shards')
    supervisor.stop(signal)
  }
  for (const signal of SIGNALS) process.on(signal, onSignal)
  supervisor.ended.finally(() => {
    for (const signal of SIGNALS) process.off(signal, onSignal)
  })
  const faults = await Promise.race([supervisor.start(), supervisor.ended.then(() => [])])
  if (faults.length > 0 && !supervisor.stopping) {
    if (!args.keepGoing || !supervisor.ready) {
      supervisor.stop('SIGTERM', ExitCode.failure)
      const code = await supervisor.ended
      for (const line of faults) terminal.error(line)
      return code
    }
    for (const line of faults) log.error(line)
  }
  if (!supervisor.stopping) {
    log.info({ url: gatewayUrl(gateway), version: VERSION, config: project.title, shards }, 'ready')
  }
  const code = await supervisor.ended
  log.info('ended')
  return code
}

/** The port that all shards are to share. Throws `CommandError` when somebody listens there, shared or not. */
async function claimed(gateway: Project['gateway']): Promise<number> {
  try {
    return await claimPort(gateway)
  } catch (error) {
    const said = listenError((error as NodeJS.ErrnoException).code, gateway)
    if (said === undefined) throw error
    throw new CommandError(said)
  }
}
