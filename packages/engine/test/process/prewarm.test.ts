/** Real workers that wait for their code: they are taken for a program's next worker, and replaced. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Content } from '@millrace/protocol'
import { expect, test, vi } from 'vitest'
import type { Engine } from '../../src/engine-api.ts'
import type { IsolationLevel } from '../../src/isolation/level.ts'
import { bytes, text } from '../stage.ts'
import { freshDirectory, host, NODE } from './host.ts'

const HOST = fileURLToPath(import.meta.resolve('@millrace/sdk/host'))
const REPOSITORY = fileURLToPath(new URL('../../../..', import.meta.url))
/** Far above what a start takes; only a hang comes near. */
const PATIENCE = { timeout: 20_000 }
const LEVELS: readonly IsolationLevel[] = ['process', 'sandbox', 'oci']

const waiting = (engine: Engine): number => engine.workers().filter(({ state }) => state === 'waiting').length

async function stage(source: string, level: IsolationLevel = 'process') {
  const cwd = freshDirectory()
  writeFileSync(join(cwd, 'code.mjs'), source)
  const isolation = { level, mounts: [REPOSITORY, cwd] }
  const command = [...NODE, HOST]
  return await host({
    programs: [
      {
        name: 'p',
        command: [...command, join(cwd, 'code.mjs')],
        cwd,
        env: { GREETING: 'hello' },
        functions: [{ name: 'f' }],
        workers: { min: 0, max: 4, idleUs: 100_000 },
        code: { runtime: 'node', entry: 'code.mjs' },
        isolation,
      },
    ],
    prewarm: [{ runtime: 'node', command: [...command, '--prewarm'], cwd, isolation, workers: 1 }],
  })
}

test.each(LEVELS)('the next worker at the level %s is the one that waited, and another waits then', async (level) => {
  const answer = "[process.env.GREETING, name, process.pid].join(' ')"
  const { engine } = await stage(`export const f = (name) => ${answer}`, level)
  await vi.waitUntil(() => waiting(engine) === 1 && engine.workers().length === 1, PATIENCE)
  const { id } = engine.workers()[0]!
  const outcome = await engine.invoke('f', bytes('"Ada"'), { content: Content.JSON })
  expect(outcome.ok && text(outcome.output)).toMatch(/^"hello Ada \d+"$/)
  expect(engine.workers().find(({ program }) => program === 'p')?.id).toBe(id)
  await vi.waitUntil(() => waiting(engine) === 1, PATIENCE)
})

test('code that cannot be loaded fails its program in words, and the pool goes on', async () => {
  const { engine, events, failures } = await stage('throw new Error("no luck")\nexport const f = () => 1')
  expect(failures).toMatchObject([{ program: 'p' }])
  await vi.waitUntil(() => waiting(engine) === 1, PATIENCE)
  const outcome = await engine.invoke('f', bytes(''))
  expect(outcome.ok).toBe(false)
  expect(events.some(({ event, message }) => event === 'start-failed' && message.includes('no luck'))).toBe(true)
  await vi.waitUntil(() => waiting(engine) === 1, PATIENCE)
})

test('a prewarmed worker that dies is replaced, and nobody takes it', async () => {
  const { engine } = await stage('export const f = () => process.pid')
  await vi.waitUntil(() => waiting(engine) === 1 && engine.workers().length === 1, PATIENCE)
  const dead = engine.workers()[0]!
  process.kill(dead.pid!, 'SIGKILL')
  await vi.waitUntil(() => engine.workers().every(({ id }) => id !== dead.id) && waiting(engine) === 1, PATIENCE)
  const outcome = await engine.invoke('f', bytes(''))
  expect(outcome.ok).toBe(true)
})
