/** A Node process of the bench: started where it belongs, asked by name, ended with all that it started. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { END_LIMIT_MS, START_LIMIT_MS } from './limits.ts'
import type { Answer, Question, Questions } from './peer-answers.ts'
import { commandAt, type Place } from './place.ts'

/** Processes that have not ended. */
const living = new Set<ChildProcess>()

// The last resort, when the bench itself fails: nothing it started outlives it. An engine's workers end with its pipes.
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL')
})

interface Open {
  readonly resolve: (answer: never) => void
  readonly reject: (error: Error) => void
}

/** One question at a time or several; each is answered once, or fails when its limit or the process is over. */
export class Peer<Q extends Questions> {
  readonly #child: ChildProcess
  readonly #script: string
  readonly #open = new Map<number, Open>()
  #asked = 0

  /** Starts `script` with `words` at a place and waits until it answers. */
  static async start<Q extends Questions>(
    script: string,
    place: Place,
    words: readonly string[] = [],
  ): Promise<Peer<Q>> {
    const peer = new Peer<Q>(script, place, words)
    try {
      await peer.#ask('peer.ready', undefined, START_LIMIT_MS)
    } catch (error) {
      await peer.end()
      throw error
    }
    return peer
  }

  private constructor(script: string, place: Place, words: readonly string[]) {
    this.#script = script
    const own = [process.execPath, '--conditions=millrace-source', script, ...words]
    const [command, ...rest] = commandAt(place, own)
    // What it prints goes to standard error: standard output is for the table.
    const child = spawn(command, rest, { stdio: ['ignore', 2, 2, 'ipc'] })
    this.#child = child
    living.add(child)
    child.on('message', (answer: Answer) => {
      const open = this.#open.get(answer.id)
      this.#open.delete(answer.id)
      if (answer.error === undefined) open?.resolve(answer.body as never)
      else open?.reject(new Error(`${this.#script}: ${answer.error}`))
    })
    child.on('error', (error) => this.#failAll(`can't be started: ${error.message}`))
    child.on('exit', (code, signal) => {
      living.delete(child)
      this.#failAll(`ended with ${signal ?? `exit code ${code}`} while it was asked`)
    })
  }

  ask<K extends keyof Q & string>(name: K, body: Q[K]['ask'], limitMs: number): Promise<Q[K]['answer']> {
    return this.#ask(name, body, limitMs)
  }

  /** Asks it to end and waits; kills it when it takes longer than `END_LIMIT_MS`. */
  async end(): Promise<void> {
    const child = this.#child
    if (!living.has(child)) return
    if (child.pid === undefined) {
      living.delete(child) // Never started.
      return
    }
    const ended = once(child, 'exit')
    const last = setTimeout(() => child.kill('SIGKILL'), END_LIMIT_MS)
    if (child.connected) child.disconnect()
    await ended
    clearTimeout(last)
  }

  async #ask(name: string, body: unknown, limitMs: number): Promise<never> {
    this.#asked += 1
    const id = this.#asked
    const limit = setTimeout(() => this.#fail(id, `gave no answer to ${name} within ${limitMs} ms`), limitMs)
    try {
      return await new Promise<never>((resolve, reject) => {
        this.#open.set(id, { resolve, reject })
        const question: Question = { id, name, body }
        this.#child.send(question, (error) => {
          if (error !== null) this.#fail(id, `can't be asked: ${error.message}`)
        })
      })
    } finally {
      clearTimeout(limit)
    }
  }

  #fail(id: number, message: string): void {
    const open = this.#open.get(id)
    this.#open.delete(id)
    open?.reject(new Error(`${this.#script} ${message}`))
  }

  #failAll(message: string): void {
    for (const id of [...this.#open.keys()]) this.#fail(id, message)
  }
}
