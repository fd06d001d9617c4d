/** An engine's side of a real channel: two FIFOs, a child process that runs the host, and messages one at a time. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ColdSpan, MessageAssembler, MessageType, MessageView } from '@millrace/protocol'
import {
  type ColdInit,
  decodeBody,
  decodePrefixed,
  encodeBody,
  encodePrefixed,
  HelloSchema,
  type Load,
  type Loaded,
  LoadedSchema,
  LoadSchema,
  spanMessages,
  WelcomeSchema,
} from '@millrace/protocol/cold'
import { message } from './scripted-engine.ts'

/** `MILLRACE_TEST_HOST`: another host to test, such as a built one. */
const HOST = process.env.MILLRACE_TEST_HOST ?? fileURLToPath(new URL('../src/host.ts', import.meta.url))

/** A directory for one test's files, outside of any node_modules. */
export class Workshop {
  readonly path = mkdtempSync(join(tmpdir(), 'sdk-host-'))

  file(name: string, text: string): string {
    const path = join(this.path, name)
    writeFileSync(path, text)
    return path
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}

/** How a host process ended, with all that it printed. */
export interface HostExit {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Starts the host without a channel, or with `env`. `descriptors`: it gets them as 3 and so on. */
export function startHost(
  args: readonly string[],
  cwd: string,
  env: Record<string, string> = {},
  descriptors: readonly number[] = [],
): [ChildProcess, Promise<HostExit>] {
  const child = spawn(process.execPath, ['--conditions=millrace-source', HOST, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe', ...descriptors],
  })
  let stdout = ''
  let stderr = ''
  child.stdout!.on('data', (chunk) => (stdout += chunk))
  child.stderr!.on('data', (chunk) => (stderr += chunk))
  const exited = new Promise<HostExit>((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })))
  return [child, exited]
}

export class FifoEngine {
  readonly child: ChildProcess
  readonly exited: Promise<HostExit>
  readonly ids = new Map<string, number>()
  readonly #in: number
  readonly #out: Socket
  readonly #received: MessageView[] = []
  #wake: (() => void) | undefined
  #open = true

  constructor(
    workshop: Workshop,
    args: readonly string[],
    variables: Record<string, string> = {},
    descriptors: readonly number[] = [],
  ) {
    const inPath = join(workshop.path, 'in')
    const outPath = join(workshop.path, 'out')
    execFileSync('mkfifo', [inPath, outPath])
    const out = openSync(outPath, constants.O_RDONLY | constants.O_NONBLOCK)
    this.#in = openSync(inPath, constants.O_RDWR | constants.O_NONBLOCK)
    const assembler = new MessageAssembler({
      onMessage: (view) => {
        this.#received.push(new MessageView(view.whole.slice()))
        this.#wake?.()
        return true
      },
    })
    const buffer = new Uint8Array(65_536)
    const callback = (length: number, bytes: Uint8Array): boolean => {
      assembler.push(bytes, length)
      return true
    }
    this.#out = new Socket({ fd: out, readable: true, writable: false, onread: { buffer, callback } })
    const env = { MILLRACE_CHANNEL_IN: inPath, MILLRACE_CHANNEL_OUT: outPath, MILLRACE_TOKEN: 'secret', ...variables }
    ;[this.child, this.exited] = startHost(args, workshop.path, env, descriptors)
  }

  /** Takes HELLO and answers it. */
  async welcome(): Promise<string[]> {
    return this.answer(await this.next(MessageType.HELLO))
  }

  /** Answers a HELLO. `accepts`: which of its features. Returns the names of its functions. */
  answer(message: MessageView, accepts: (feature: string) => boolean = () => true): string[] {
    const hello = decodePrefixed(HelloSchema, message.body)!
    const functions = hello.functions.map(({ name }, index) => ({ name, id: index + 1 }))
    for (const { name, id } of functions) this.ids.set(name, id)
    const limits = {
      maxCalls: Math.min(64, hello.maxCalls),
      maxOpenInvokes: 64,
      maxOpenResolves: 8,
      maxOpenPings: 1,
      maxPayloadBytes: 1 << 24,
      maxDepth: 9,
    }
    const body = encodePrefixed(WelcomeSchema, { functions, features: hello.features.filter(accepts), limits })
    this.send(spanMessages(MessageType.WELCOME, body, () => {}))
    return [...this.ids.keys()]
  }

  /** Sends LOAD, and returns what the worker's LOADED says, with its status. */
  async load(load: ColdInit<Load>): Promise<Loaded & { readonly status: number }> {
    this.send(spanMessages(MessageType.LOAD, encodeBody(LoadSchema, load), () => {}))
    const span = new ColdSpan()
    for (;;) {
      const view = await this.next(MessageType.LOADED)
      const body = span.take(view)
      if (body instanceof Uint8Array) return { ...decodeBody(LoadedSchema, body)!, status: view.status }
    }
  }

  /** Answers LOADED with ids. */
  loaded(names: readonly string[], maxCalls: number): void {
    const functions = names.map((name, index) => ({ name, id: index + 101 }))
    for (const { name, id } of functions) this.ids.set(name, id)
    const body = encodeBody(LoadedSchema, { functions, maxCalls })
    this.send(spanMessages(MessageType.LOADED, body, () => {}))
  }

  send(bytes: Uint8Array): void {
    writeSync(this.#in, bytes)
  }

  invoke(name: string, callId: number, input: unknown): void {
    const body = JSON.stringify(input)
    const fields = {
      callId,
      functionId: this.ids.get(name)!,
      payloadLength: Buffer.byteLength(body),
      attempt: 1,
      priority: 3,
      content: 1,
    }
    this.send(message(MessageType.INVOKE, fields, body))
  }

  async next(type: number): Promise<MessageView> {
    const view = await this.nextOfAny()
    if (view.type !== type) throw new Error(`expected type ${type}, got ${view.toString()}`)
    return view
  }

  async nextOfAny(): Promise<MessageView> {
    while (this.#received.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    return this.#received.shift()!
  }

  async result(): Promise<unknown> {
    return JSON.parse(Buffer.from((await this.next(MessageType.RESULT)).body).toString())
  }

  /** Resolves when the worker has printed that text so many times. */
  async printed(text: string, times: number): Promise<void> {
    let seen = ''
    await new Promise<void>((resolve) => {
      this.child.stdout!.on('data', (chunk) => {
        seen += chunk
        if (seen.split(text).length > times) resolve()
      })
    })
  }

  /** Stops and resumes reading what the worker writes. */
  pause(): void {
    this.#out.pause()
  }

  resume(): void {
    this.#out.resume()
  }

  /** The engine goes away. */
  leave(): void {
    if (!this.#open) return
    this.#open = false
    closeSync(this.#in)
    this.#out.destroy()
  }
}
