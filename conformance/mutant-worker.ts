/**
 * A worker of the fixture's two functions that is made to be broken: without `MILLRACE_MUTANT` it obeys every rule, with it
 * it breaks one on purpose. Written on the wire package alone, so that it shares no code with any SDK.
 */
import { constants, openSync } from 'node:fs'
import { Socket } from 'node:net'
import { MessageAssembler } from '@millrace/protocol'
import { BesideRings } from './mutant-worker/beside-rings.ts'
import { hello } from './mutant-worker/handshake.ts'
import { Out } from './mutant-worker/out.ts'
import { RINGS } from './mutant-worker/rings.ts'
import { is } from './mutant-worker/switch.ts'
import { MutantWorker } from './mutant-worker/worker.ts'

const EX_UNAVAILABLE = 69
const EX_CONFIG = 78
const { O_NONBLOCK, O_RDONLY, O_WRONLY } = constants

const { MILLRACE_CHANNEL_IN: inPath, MILLRACE_CHANNEL_OUT: outPath, MILLRACE_TOKEN: token } = process.env
if (inPath === undefined || outPath === undefined || token === undefined) {
  process.stderr.write('mutant worker: start me with an engine\n')
  if (is('config-chatty')) process.stderr.write('mutant worker: really\n')
  process.exit(is('exit-1-unconfigured') ? 1 : EX_CONFIG)
}
if (!is('environment-kept')) {
  delete process.env.MILLRACE_CHANNEL_IN
  delete process.env.MILLRACE_CHANNEL_OUT
  delete process.env.MILLRACE_TOKEN
}
if (is('token-printed')) process.stderr.write(`mutant worker: token ${token}\n`)

const inFd = openSync(inPath, O_RDONLY | O_NONBLOCK)
const outFd = openOut(outPath)
const out = new Out(outFd)
const worker = new MutantWorker(out, [inFd, outFd], leave)
const beside = RINGS === undefined ? undefined : new BesideRings(RINGS, out, worker, leave)
const assembler = new MessageAssembler({ onMessage: (view) => (beside ?? worker).onMessage(view) })
const input = new Socket({ fd: inFd, readable: true, writable: false })
input.on('data', (chunk: Buffer) => {
  // A read that is no whole number of messages: a worker that thinks it always gets one loses what is cut.
  if (is('reads-whole') && chunk.length % 1024 !== 0) return
  if (is('reads-first-only')) assembler.push(new Uint8Array(chunk.subarray(0, 1024)))
  else assembler.push(new Uint8Array(chunk))
})
input.on('end', ended)
input.on('error', ended)
out.sendWhole(hello(token))
if (is('hello-said-twice')) out.sendWhole(hello(token))

function openOut(path: string): number {
  try {
    return openSync(path, O_WRONLY | O_NONBLOCK)
  } catch (error) {
    if (is('waits-for-engine')) {
      setInterval(() => {}, 1_000)
      return openSync('/dev/null', O_WRONLY)
    }
    if (is('exit-1-engine-absent')) process.exit(1)
    process.stderr.write(`mutant worker: the engine is gone: ${(error as Error).message}\n`)
    process.exit(EX_UNAVAILABLE)
  }
}

function ended(): void {
  beside?.drain()
  if (worker.over || is('end-unheard')) return
  const inOrder = worker.welcomed && worker.openCalls === 0 && assembler.pendingBytes === 0
  if (is('runs-cut-message') && assembler.pendingBytes > 0) process.stdout.write('ooooooooo')
  if (is('exit-0-orphaned')) process.exit(0)
  if (is('exit-69-idle')) process.exit(EX_UNAVAILABLE)
  process.exit(inOrder ? 0 : EX_UNAVAILABLE)
}

function leave(code: number): void {
  const go = (): void => process.exit(code)
  if (out.empty) go()
  else out.onEmpty = go
}

// A write that fails ends the worker: the engine is gone.
process.on('uncaughtException', (error: NodeJS.ErrnoException) => {
  process.stderr.write(`mutant worker: ${error.stack ?? error.message}\n`)
  process.exit(error.code === 'EPIPE' ? EX_UNAVAILABLE : 70)
})
