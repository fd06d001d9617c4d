/** The other end of a Peer: a process answers questions until it is let go, then ends by itself. */

/** What a kind of process can be asked: question and answer by name. Both travel as JSON. */
export type Questions = Record<string, { readonly ask: unknown; readonly answer: unknown }>

export interface Question {
  readonly id: number
  readonly name: string
  readonly body: unknown
}

export interface Answer {
  readonly id: number
  readonly body?: unknown
  readonly error?: string
}

/** How a process answers; `peer.ready` is answered by itself. */
export type Answers<Q extends Questions> = {
  readonly [K in keyof Q]: (body: Q[K]['ask']) => Q[K]['answer'] | Promise<Q[K]['answer']>
}

/**
 * Answers the process that started this one. When that one lets go or is gone, `end` runs and this process exits.
 * Interrupts of the terminal reach both; the other one decides.
 */
export function answerAsPeer<Q extends Questions>(answers: Answers<Q>, end: () => Promise<void>): void {
  process.on('SIGINT', () => undefined)
  process.on('message', (question: Question) => {
    void answer(answers, question)
  })
  process.once('disconnect', () => {
    void end().finally(() => process.exit())
  })
}

async function answer<Q extends Questions>(answers: Answers<Q>, question: Question): Promise<void> {
  const { id, name, body } = question
  const reply: Answer = await reach(answers, name, body).then(
    (value) => ({ id, body: value }),
    (error: unknown) => ({ id, error: error instanceof Error ? error.message : String(error) }),
  )
  process.send?.(reply)
}

async function reach<Q extends Questions>(answers: Answers<Q>, name: string, body: unknown): Promise<unknown> {
  if (name === 'peer.ready') return null
  const found = answers[name]
  if (found === undefined) throw new Error(`knows no ${name}`)
  return await found(body)
}
