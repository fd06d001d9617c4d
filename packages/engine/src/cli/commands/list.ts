/** `millrace list`: the functions and workers of a running engine. */
import type { FunctionInfo, WorkerInfo } from '../../engine-api.ts'
import { ExitCode } from '../exit-code.ts'
import { engineUrl, queryList } from '../http-client.ts'
import type { ListArgs } from '../options.ts'
import { tableLines, timeText } from '../table.ts'
import type { Terminal } from '../terminal.ts'

export async function list(args: ListArgs, terminal: Terminal): Promise<ExitCode> {
  const url = engineUrl(args.url, process.env)
  const functions = await queryList<FunctionInfo>(url, '/v1/functions', 'functions')
  const workers = await queryList<WorkerInfo>(url, '/v1/workers', 'workers')
  if (args.output === 'json') {
    terminal.line(JSON.stringify({ functions, workers }))
    return ExitCode.ok
  }
  for (const line of functionTable(functions)) terminal.line(line)
  terminal.line('')
  for (const line of workerTable(workers)) terminal.line(line)
  return ExitCode.ok
}

/** Functions as the lines of a table, by name. */
export function functionTable(functions: readonly FunctionInfo[]): string[] {
  const rows = functions
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map((one) => [
      one.name,
      one.program,
      String(one.running),
      String(one.waiting),
      String(one.ok),
      String(one.failed),
      one.timeoutUs === 0 ? 'none' : timeText(one.timeoutUs),
    ])
  return tableLines([['FUNCTION', 'PROGRAM', 'RUNNING', 'WAITING', 'OK', 'FAILED', 'TIMEOUT'], ...rows], COUNTS)
}

/** Workers as the lines of a table, by number. */
export function workerTable(workers: readonly WorkerInfo[]): string[] {
  const rows = workers
    .toSorted((a, b) => a.id - b.id)
    .map((one) => [
      String(one.id),
      one.program,
      one.pid === undefined ? '-' : String(one.pid),
      one.state,
      `${one.running}/${one.maxCalls}`,
      one.software,
    ])
  return tableLines([['WORKER', 'PROGRAM', 'PID', 'STATE', 'CALLS', 'SOFTWARE'], ...rows], new Set([0, 2]))
}

const COUNTS = new Set([2, 3, 4, 5, 6])
