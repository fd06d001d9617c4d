/** `doctor` and `smoke`: for the author of a new worker. */
import { availableParallelism } from 'node:os'
import { describeReport, describeResult } from '../report/console.ts'
import { dumpEntry } from '../report/dump.ts'
import { exitCodeOf, makeReport } from '../report/model.ts'
import { loadCases } from '../runner/case-file.ts'
import { CaseFailure, Inconclusive } from '../runner/failure.ts'
import { Random } from '../runner/random.ts'
import { RULES, ruleLink } from '../runner/rules.ts'
import { runWorkerSuite } from '../runner/suite.ts'
import { WorkerStage } from '../runner/worker-stage.ts'
import { UsageError } from './options.ts'

/** How long `doctor` waits for one step. Unit: milliseconds. */
const PATIENCE_MS = 5_000

/** The first cases that a new worker should pass. At most ten. */
export const SMOKE = [
  'handshake/hello-first',
  'call/echo-inline',
  'call/echo-0',
  'call/echo-960',
  'call/function-id-unknown',
  'failure/throw',
  'lifecycle/ping-idle',
  'call/cancel-late',
  'message/reserved-invoke-first',
  'lifecycle/drain-idle',
]

/** Launches a worker, shakes hands, calls `echo`, and tells what it sees at each step. */
export async function doctor(args: readonly string[]): Promise<number> {
  const command = commandOf(args, 'doctor')
  const random = new Random(1, 'doctor')
  const stage = new WorkerStage({ command, patienceMs: PATIENCE_MS }, undefined, random)
  const session = stage.session(undefined)
  console.log(`started ${command.join(' ')} as process ${stage.process.pid}, with two FIFOs and a token`)
  try {
    await stage.handshake({}, random, false)
    const hello = session.watch.hello!
    const names = hello.functions.map((one) => one.name)
    console.log(
      `HELLO: ${hello.software?.name || 'a worker'} ${hello.software?.version ?? ''} (${hello.software?.language || 'language not said'})`,
    )
    console.log(
      `  functions: ${names.join(', ') || 'none'}; features: ${hello.features.join(', ') || 'none, which is core'}; max_calls: ${hello.maxCalls || '0, which counts as 1'}`,
    )
    console.log('WELCOME was sent')
    for (const name of ['echo', 'interp']) {
      if (!names.includes(name)) console.log(`  the suite needs the function ${name}: see conformance/FIXTURE.md`)
    }
    await session.sendNow(0x20, (writer) => {
      writer.nonce = 7
    })
    const pong = await session.next(new Set(), PATIENCE_MS)
    if (pong === undefined || pong === 'end') throw new Inconclusive('PING has no PONG')
    console.log('PING was answered')
    console.log('all is well so far; next: millrace-conformance smoke -- COMMAND')
    return 0
  } catch (error) {
    if (error instanceof CaseFailure) {
      const rule = RULES.get(error.rule)
      console.log(
        `the worker breaks the rule ${error.rule}: ${error.message}\n  ${rule?.text ?? ''}\n  ${rule === undefined ? '' : ruleLink(rule)}`,
      )
    } else if (error instanceof Inconclusive) console.log(error.message)
    else throw error
    for (const entry of stage.transcript.entries().slice(-3)) console.log(dumpEntry(entry).join('\n'))
    const stderr = stage.process.output('stderr').trim()
    if (stderr !== '') console.log(`standard error of the worker:\n${stderr}`)
    return 1
  } finally {
    await stage.dispose()
  }
}

/** A few cases, in a few seconds: whether it is worth running all. */
export async function smoke(args: readonly string[]): Promise<number> {
  const command = commandOf(args, 'smoke')
  const cases = loadCases().filter((one) => SMOKE.includes(one.id))
  const started = new Date()
  const began = performance.now()
  const outcomes = await runWorkerSuite(
    { command, patienceMs: PATIENCE_MS },
    { cases, seed: 1, jobs: availableParallelism() },
  )
  const report = makeReport({
    name: command.at(-1)!,
    side: 'worker',
    command,
    seed: 1,
    strict: false,
    started,
    ms: performance.now() - began,
    outcomes,
    known: [],
    whole: false,
  })
  for (const one of report.results) {
    if (one.verdict === 'pass') console.log(`ok   ${one.case}: ${one.title}`)
    else console.log(`\n${describeResult(one, false)}\n`)
  }
  console.log(describeReport(report))
  return exitCodeOf(report)
}

function commandOf(args: readonly string[], what: string): string[] {
  const command = args[0] === '--' ? args.slice(1) : [...args]
  if (command.length === 0) throw new UsageError(`say which worker: millrace-conformance ${what} -- COMMAND`)
  return command
}
