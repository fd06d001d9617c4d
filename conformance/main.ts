/** The command `millrace-conformance`: judges workers and engines by the rules of the protocol. */

import { coverage } from './commands/coverage.ts'
import { doctor, smoke } from './commands/doctor.ts'
import { list } from './commands/list.ts'
import { merge } from './commands/merge.ts'
import { mutants } from './commands/mutants.ts'
import { UsageError } from './commands/options.ts'
import { run } from './commands/run.ts'

const HELP = `millrace-conformance judges workers and engines by the rules of the Millrace protocol.

  run worker [OPTIONS] -- COMMAND   runs the cases for workers against the worker that COMMAND starts
  run engine [OPTIONS] -- COMMAND   runs the cases for engines against the engine that COMMAND starts
  smoke -- COMMAND                  ten cases for a new worker, in a few seconds
  doctor -- COMMAND                 starts a worker, shakes hands, and tells what it sees
  list [--case P] [--rule R] [--level core] [--json]
  report FILE.json ... --html OUT   one matrix of several reports
  mutants [--of worker|engine]      shows that the cases can fail
  coverage [--check]                writes spec/coverage.md, or says that it is stale

Options of run:
  --case PATTERN     only these cases; * within a part, ** anything; may be repeated
  --rule ID          only cases of this rule; may be repeated
  --level core       only cases that need no feature
  --seed N           replays the payloads and ids of a run that printed this seed
  --jobs N           cases at once; default: the processors
  --patience MS      how long to wait for what must come; default 10000
  --code FILE        the fixture's code, for a command that waits for LOAD when --prewarm is added to it
  --isolation LEVEL  run the worker at this level of isolation: process, sandbox or oci
  --env NAME=VALUE   a variable of the worker; may be repeated
  --mount PATH       let it read this at sandbox and oci, besides the working directory; may be repeated
  --known-failing F  a YAML list of known failures, each pinned to its cause
  --name NAME        what to call it in reports
  --report STEM      writes STEM.json, STEM.xml and STEM.html
  --zygote           COMMAND makes a zygote with --zygote behind it: run the cases of fork, too
  --rings            give the worker rings, and use them where it takes them
  --strict           rules with SHOULD fail too
  --quiet            no progress

Exit codes: 0 all is well, 1 a rule is broken, 2 something could not be judged.`

const COMMANDS: Readonly<Record<string, (args: readonly string[]) => number | Promise<number>>> = {
  run,
  smoke,
  doctor,
  list,
  report: merge,
  mutants,
  coverage,
}

const [name, ...args] = process.argv.slice(2)
/** Arguments of a command under test, after `--`, are its own. */
const own = args.slice(0, args.includes('--') ? args.indexOf('--') : undefined)
if (name === undefined || name === 'help' || [name, ...own].some((arg) => arg === '--help' || arg === '-h')) {
  console.log(HELP)
  process.exit(name === undefined ? 2 : 0)
}
try {
  const command = COMMANDS[name]
  if (command === undefined) throw new UsageError(`there is no command ${name}; see millrace-conformance --help`)
  process.exitCode = await command(args)
} catch (error) {
  const mistake = error instanceof UsageError || (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS')
  console.error(mistake ? `millrace-conformance: ${(error as Error).message}` : error)
  process.exitCode = 2
}
// A lane may have left a timer that only bounds a wait.
process.exit()
