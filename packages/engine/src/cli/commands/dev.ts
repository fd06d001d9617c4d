/** `millrace dev`: runs functions while they are written. */
import { statSync } from 'node:fs'
import { pino } from 'pino'
import { placeLabel } from '../../config/load.ts'
import type { Program } from '../../config/programs.ts'
import { createEngine } from '../../engine.ts'
import type { Engine } from '../../engine-api.ts'
import type { WorkerEventRecord } from '../../options.ts'
import { bannerLines } from '../dev/banner.ts'
import { callLine, logLine, outputLine } from '../dev/call-line.ts'
import { Reloader } from '../dev/reloader.ts'
import { watchRule } from '../dev/watch-rules.ts'
import { Watcher } from '../dev/watcher.ts'
import type { ExitCode } from '../exit-code.ts'
import { Lifetime } from '../lifetime.ts'
import type { DevArgs } from '../options.ts'
import { openProject, type Project } from '../project.ts'
import { runtimeHosts } from '../runtime-hosts.ts'
import { gatewayUrl, startEngine } from '../start-engine.ts'
import { counted } from '../table.ts'
import type { Terminal } from '../terminal.ts'
import { VERSION } from '../version.ts'

export async function dev(args: DevArgs, terminal: Terminal): Promise<ExitCode> {
  const cwd = process.cwd()
  const project = openProject(
    { target: args.target, config: args.config, listen: args, environment: process.env, cwd },
    runtimeHosts(),
  )
  const engine = buildEngine(project, terminal, args.verbose)
  const lifetime = new Lifetime(engine, {
    draining: (_, open) => {
      const what = open === 0 ? 'stopping' : `stopping when ${counted(open, 'call')} ended; Ctrl-C again kills`
      terminal.line(what)
    },
    killing: () => terminal.line('killed'),
  })
  const reloader = new Reloader(engine, {
    reloaded: (program, ms) =>
      terminal.line(terminal.tint('green', `reloaded ${program.options.name} in ${Math.round(ms)} ms`)),
    refused: (program, message) => {
      const serving = engine
        .workers()
        .some((worker) => worker.program === program.options.name && worker.state === 'ready')
      const what = serving ? 'the old version goes on' : 'save a fix, and it starts'
      terminal.error(`${program.options.name} is not reloaded, ${what}: ${message}`)
    },
  })
  const rules = project.programs.map((program) => watchRule(program, isFile))
  const watcher = await Watcher.open(
    rules,
    (programs) => reloader.changed(programs),
    (message) => terminal.error(`cannot watch for changes: ${message}`),
  )
  try {
    const { failures } = await startEngine(engine, project.gateway)
    if (!lifetime.stopping) {
      for (const { program, message } of failures) {
        terminal.error(`${program} cannot start: ${message}; save a fix, and it starts`)
      }
      for (const line of banner(project, engine, cwd)) terminal.line(line)
      reloader.begin()
    }
    const code = await lifetime.ended()
    await reloader.end()
    return code
  } finally {
    await watcher.close()
  }
}

function buildEngine(project: Project, terminal: Terminal, verbose: boolean): Engine {
  const tint = terminal.tint.bind(terminal)
  return createEngine({
    ...project.engine,
    programs: project.programs.map((program) => program.options),
    onCall: (record) => terminal.commentary(callLine(record, Date.now(), tint)),
    onOutput: (program, _, stream, line) => terminal.commentary(outputLine(program, stream, line, tint)),
    onLog: (record) => terminal.commentary(logLine(record, tint)),
    onWorker: (event) => {
      const line = workerLine(event)
      if (line !== undefined) terminal.error(line)
    },
    ...(verbose && { log: pino({ level: 'debug' }, pino.destination({ dest: 2, sync: true })) }),
  })
}

/** The line of an event that nobody asked for; undefined: it is expected, or told elsewhere. */
function workerLine({ event, program, workerId, message }: WorkerEventRecord): string | undefined {
  if (message === '') return undefined
  if (event === 'crash-loop') return `${program} keeps failing: ${message}`
  return event === 'gone' ? `worker ${workerId} of ${program} is gone: ${message}` : undefined
}

function banner(project: Project, engine: Engine, cwd: string): string[] {
  const sourceOf = ({ entry, source }: Program) => (entry === undefined ? source : placeLabel(entry, cwd))
  return bannerLines({
    version: VERSION,
    title: project.title,
    url: gatewayUrl(engine.address ?? project.gateway),
    functions: engine.functions(),
    workers: engine.workers().length,
    sources: new Map(project.programs.map((program) => [program.options.name, sourceOf(program)])),
    readyMs: performance.now(),
  })
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true
}
