/**
 * The process of a worker that the runner plays before an engine. It hands its launch, the paths, the token, its process and
 * what it was started with, to the runner over a socket, and lives until it is told to end: the runner itself opens the two
 * pipes and speaks. Whatever engine starts it, it needs one variable of its own, `MILLRACE_CONFORMANCE_SOCKET`.
 */
import { readFileSync, statSync } from 'node:fs'
import { createConnection } from 'node:net'
import { dirname } from 'node:path'

const socket = process.env.MILLRACE_CONFORMANCE_SOCKET
if (socket === undefined) {
  process.stderr.write(
    'scripted worker: MILLRACE_CONFORMANCE_SOCKET is missing: give it to the programs of the engine\n',
  )
  process.exit(78)
}

const inPath = process.env.MILLRACE_CHANNEL_IN
const directory = inPath === undefined ? undefined : statSync(dirname(inPath))
const runner = createConnection(socket)
runner.on('connect', () => {
  // Field 5 of the numbers behind the name is the process group.
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  const launch = {
    program: process.env.MILLRACE_CONFORMANCE_PROGRAM ?? '',
    pid: process.pid,
    group: Number(fields[2]),
    in: inPath,
    out: process.env.MILLRACE_CHANNEL_OUT,
    payloads: process.env.MILLRACE_PAYLOAD_DIR,
    token: process.env.MILLRACE_TOKEN,
    ring: process.env.MILLRACE_RING,
    directoryMode: directory === undefined ? 0 : directory.mode & 0o777,
    directoryIsOurs: directory?.uid === process.getuid?.(),
    stdinBytes: readFileSync(0).length,
  }
  runner.write(`${JSON.stringify(launch)}\n`)
})

process.on('SIGTERM', () => {
  if (process.env.MILLRACE_CONFORMANCE_STUBBORN === undefined) process.exit(143)
})

let text = ''
runner.setEncoding('utf8')
runner.on('data', (chunk: string) => {
  text += chunk
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
    const order = JSON.parse(text.slice(0, end)) as { exit?: number }
    text = text.slice(end + 1)
    if (order.exit !== undefined) process.exit(order.exit)
  }
})
runner.on('close', () => process.exit(69))
runner.on('error', () => process.exit(69))
