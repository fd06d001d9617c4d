/** The engine's side of one channel, by hand: for what no real engine sends. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MessageType } from '@millrace/protocol'
import {
  decodePrefixed,
  encodePrefixed,
  GoodbyeSchema,
  HelloSchema,
  VERSIONS,
  WelcomeSchema,
} from '@millrace/protocol/cold'

const TOKEN = '0123456789abcdef'
const PREFIX_BYTES = 16

/** How a worker met a message. */
export interface Met {
  /** The rule that its GOODBYE named; empty: none, or no GOODBYE came. */
  readonly rule: string
  readonly exitCode: number | null
}

/** Starts a worker, welcomes it, sends it `message`, and waits for its end. Throws when it says no HELLO. */
export async function meet(command: readonly string[], message: Buffer): Promise<Met> {
  const { O_NONBLOCK, O_RDONLY, O_RDWR } = constants
  const directory = mkdtempSync(join(tmpdir(), 'millrace-scripted-'))
  const [inPath, outPath] = [join(directory, 'in'), join(directory, 'out')]
  execFileSync('mkfifo', ['-m', '600', inPath, outPath])
  const out = new Socket({ fd: openSync(outPath, O_RDONLY | O_NONBLOCK), readable: true, writable: false })
  const inFd = openSync(inPath, O_RDWR | O_NONBLOCK)
  const child = spawn(command[0]!, command.slice(1), {
    env: { ...process.env, MILLRACE_CHANNEL_IN: inPath, MILLRACE_CHANNEL_OUT: outPath, MILLRACE_TOKEN: TOKEN },
    stdio: 'ignore',
  })
  const ended = endOf(child)
  try {
    const messages = messagesOf(out)
    const hello = await messages.next()
    if (hello.done === true) throw new Error('it ended without HELLO')
    writeSync(inFd, Buffer.concat([welcomeTo(hello.value), message]))
    let rule = ''
    for await (const said of messages) rule = ruleOf(said)
    return { rule, exitCode: await ended }
  } finally {
    child.kill('SIGKILL')
    await ended
    closeSync(inFd)
    out.destroy()
    rmSync(directory, { recursive: true })
  }
}

function endOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', resolve)
  })
}

async function* messagesOf(out: Socket): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of out) {
    rest = Buffer.concat([rest, chunk as Buffer])
    for (; rest.length >= 1_024; rest = rest.subarray(1_024)) yield rest.subarray(0, 1_024)
  }
}

function bodyOf(message: Buffer): Buffer {
  return message.subarray(64, 64 + message.readUInt16LE(2))
}

/** A WELCOME that numbers the functions of a HELLO from 1. */
function welcomeTo(hello: Buffer): Buffer {
  const body = bodyOf(hello)
  const said = hello[0] === MessageType.HELLO ? decodePrefixed(HelloSchema, body) : undefined
  if (said === undefined || body.length < PREFIX_BYTES) throw new Error('its first message is no HELLO')
  if (said.token !== TOKEN) throw new Error('its HELLO has another token')
  const functions = said.functions.map(({ name }, index) => ({ name, id: index + 1 }))
  const limits = { maxCalls: 1, maxOpenPings: 1, maxPayloadBytes: 1_048_576, maxDepth: 1 }
  const welcome = encodePrefixed(WelcomeSchema, { functions, limits }, VERSIONS)
  const message = Buffer.alloc(1_024)
  message[0] = MessageType.WELCOME
  message.writeUInt16LE(welcome.length, 2)
  message.set(welcome, 64)
  return message
}

function ruleOf(message: Buffer): string {
  if (message[0] !== MessageType.GOODBYE) return ''
  return decodePrefixed(GoodbyeSchema, bodyOf(message))?.rule ?? ''
}
