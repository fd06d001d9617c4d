import { readdirSync } from 'node:fs'
import type { Failure } from '@millrace/protocol/cold'
import { expect, onTestFinished, test } from 'vitest'
import type { Outcome } from '../../src/engine-api.ts'
import { bytes, pattern, text } from '../stage.ts'
import { host, rawProgram, tally } from './host.ts'

const reason = (outcome: Outcome): string => (outcome.ok ? 'ok' : outcome.failure.reason)
const only = (...names: string[]) => ({ env: { MILLRACE_TEST_FUNCTIONS: names.join(',') } })

test('kill -9 of a worker under 1,000 calls in flight ends each of them exactly once, and the next worker serves', async () => {
  const { engine, records, event } = await host()
  const calls = Array.from({ length: 1_000 }, () => engine.invoke('hold', bytes('x')))
  await engine.invoke('echo', bytes('all of them have arrived before this'))
  const [worker] = engine.workers()
  const ready = event((one) => one.event === 'ready')
  process.kill(worker!.pid!, 'SIGKILL')
  const outcomes = await Promise.all(calls)
  expect(tally(outcomes.map(reason))).toEqual({ worker_crashed: 1_000 })
  expect(
    outcomes.every((outcome) => !outcome.ok && outcome.failure.message === 'the worker was killed by SIGKILL'),
  ).toBe(true)
  const held = records.filter((record) => record.function === 'hold').map(({ id }) => id)
  expect(new Set(held).size).toBe(1_000)
  expect(held.length).toBe(1_000)
  await ready
  expect(reason(await engine.invoke('echo', bytes('again')))).toBe('ok')
})

test('a worker that exits in a call fails it with its exit code', async () => {
  const { engine } = await host()
  const outcome = await engine.invoke('exit', bytes(''))
  expect(outcome).toMatchObject({
    ok: false,
    failure: { reason: 'worker_crashed', message: 'the worker exited with code 7' },
  })
})

test('a worker that sends garbage is told, ends with code 76, and is replaced', async () => {
  const { engine, event } = await host()
  const ready = event((one) => one.event === 'ready')
  const outcome = await engine.invoke('garbage', bytes(''))
  expect(outcome).toMatchObject({
    ok: false,
    failure: { reason: 'protocol_error', message: expect.stringMatching(/message-type-known/) },
  })
  await ready
  expect(reason(await engine.invoke('echo', bytes('again')))).toBe('ok')
})

test('a stopped process holds up nobody: others are answered, its own calls end at their limit', async () => {
  const { engine } = await host({
    programs: [
      rawProgram({ name: 'frozen', ...only('stop', 'hold') }),
      rawProgram({ name: 'lively', ...only('echo') }),
    ],
    drainTimeoutUs: 1,
  })
  const stopped = engine.invoke('stop', bytes(''), { timeoutUs: 400_000 })
  // More than its pipe takes, and all at once.
  const stuck = Array.from({ length: 400 }, () => engine.invoke('hold', pattern(900), { timeoutUs: 500_000 }))
  for (let i = 0; i < 200; i += 1) expect(reason(await engine.invoke('echo', bytes(`${i}`)))).toBe('ok')
  const outcomes = await Promise.all([stopped, ...stuck])
  expect(tally(outcomes.map(reason))).toEqual({ deadline_exceeded: 401 })
})

test('a grandchild that holds OUT and the standard output does not keep the calls of its worker open', async () => {
  const { engine } = await host()
  const held = engine.invoke('hold', bytes('x'))
  const outcome = await engine.invoke('orphan', bytes(''))
  const { pid } = JSON.parse(text(outcome.ok ? outcome.output : bytes('{}'))) as { pid: number }
  onTestFinished(() => void process.kill(pid, 'SIGKILL'))
  expect(await held).toMatchObject({ ok: false, failure: { message: 'the worker exited with code 0' } })
})

test('10 MiB on each of standard output and error never reach the channel', async () => {
  const { engine, lines } = await host()
  const outcome = await engine.invoke('noise', bytes('quiet'))
  expect(outcome.ok && text(outcome.output)).toBe('quiet')
  expect(lines.every((line) => /^n{1023}$/.test(line))).toBe(true)
  expect(reason(await engine.invoke('echo', bytes('still in step')))).toBe('ok')
})

test('1 MiB payloads echo intact, 16 in flight, in both directions at once', async () => {
  const { engine } = await host()
  const outcomes = await Promise.all(
    Array.from({ length: 48 }, async (_, i) => {
      const input = pattern(1_048_576 - i, i)
      const outcome = await engine.invoke('echo', input)
      return outcome.ok && Buffer.compare(outcome.output, input) === 0
    }).slice(0, 16),
  )
  expect(outcomes).toEqual(Array.from({ length: 16 }, () => true))
})

test('an internal call between two processes comes back', async () => {
  const { engine, records } = await host({ programs: [rawProgram({ workers: 2 })] })
  const outcome = await engine.invoke('relay', bytes('through'))
  expect(outcome.ok && text(outcome.output)).toBe('through')
  expect(records.map((record) => [record.function, record.depth])).toEqual([
    ['echo', 1],
    ['relay', 0],
  ])
})

test('a caller that reads nothing gets what fits its credit, and the engine holds no more', async () => {
  const { engine } = await host()
  let got = 0
  const failure = new Promise<Failure>((resolve) => {
    const request = {
      function: 'endless',
      content: 0,
      priority: 3,
      timeoutUs: 300_000,
      trace: undefined,
      inputBytes: 0,
    }
    engine.door
      .open(request, {
        onHead: () => {},
        onOutput: (part) => {
          got += part.length
        },
        onEnd: () => {},
        onFailure: (why) => resolve(why),
        onDrain: () => {},
      })
      .end()
  })
  expect((await failure).reason).toBe('deadline_exceeded')
  expect(got).toBe(32 * 960)
})

test('callers that pour into a worker that reads no more cost bounded memory', async () => {
  const { engine } = await host({ payloadBytesMax: 1_073_741_824, drainTimeoutUs: 1 })
  await engine.invoke('echo', bytes('warm'))
  expect(reason(await engine.invoke('mute', bytes('last words')))).toBe('ok')
  const before = process.memoryUsage().rss
  const part = new Uint8Array(16_384)
  let given = 0
  const ends = Array.from({ length: 500 }, () => {
    return new Promise<void>((resolve) => {
      const request = {
        function: 'unread',
        content: 0,
        priority: 3,
        timeoutUs: 500_000,
        trace: undefined,
        inputBytes: undefined,
      }
      const pour = (): void => {
        while (call.write(part)) given += part.length
      }
      const call = engine.door.open(request, {
        onHead: () => {},
        onOutput: () => {},
        onEnd: () => resolve(),
        onFailure: () => resolve(),
        onDrain: () => pour(),
      })
      pour()
    })
  })
  await Promise.all(ends)
  // Each caller was let give a window of DATA, what the door holds, and no more.
  expect(given).toBeLessThanOrEqual(500 * (33 * 960 + 65_536 + part.length))
  expect(process.memoryUsage().rss - before).toBeLessThan(500 * 2 * (33 * 1_024 + 65_536) + 64 * 1_048_576)
})

test('a FIFO of a worker that died before HELLO is gone as well', async () => {
  const { directory, failures } = await host({ programs: [rawProgram({ command: ['false'] })] })
  expect(failures[0]!.message).toMatch(/exited with code 1 before its HELLO/)
  const [own] = readdirSync(directory).filter((name) => !name.endsWith('.sock'))
  expect(own).toMatch(/^engine-/)
})
