import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SHARD_LOSSES_MAX } from '../limits.ts'
import { type Answer, ShardsBench } from './shards-bench.ts'

let bench: ShardsBench
beforeEach(() => {
  bench = new ShardsBench()
})
afterEach(() => bench.close())

describe('the end of shards', () => {
  it('gives each call one outcome when the shard that it crossed to is killed, and serves again after that', async () => {
    bench.project(['left', 'right'])
    const shards = await bench.shards(2)
    const names = Array.from({ length: 30 }, (_, i) => `call-${i}`)
    const outcomes = names.map((input) =>
      shards.call('left_call', { to: 'right_hold', input }).then(
        (answer): Answer | 'reset' => answer,
        // The client's own socket was on the shard that was killed.
        () => 'reset' as const,
      ),
    )
    for (const name of names) await shards.process.line(new RegExp(`"msg":"held ${name}"`))
    process.kill(shards.shardOf('right').pid, 'SIGKILL')
    const ended = await Promise.all(outcomes)
    const answers = ended.filter((one) => one !== 'reset')
    for (const { status, body } of answers) {
      expect(status).toBe(500)
      expect(body.detail).toMatch(/^worker_crashed: shard \d ended while it had the call$/)
    }
    expect(answers.length).toBeGreaterThan(0)
    await shards.process.line(/"how":"was killed by SIGKILL".*"msg":"a shard ended and is started again"/)
    await shards.process.line(/"msg":"every shard is ready again"/)
    for (const { status, body } of await shards.callAll('left_call', { to: 'right_echo', input: 'again' })) {
      expect([status, body.value]).toEqual([200, 'again'])
    }
    for (const { status } of await shards.callAll('right_call', { to: 'left_echo', input: 1 })) expect(status).toBe(200)
    const page = await (await fetch(`${shards.url}/metrics`)).text()
    expect(page).toContain(`millrace_shard_restarts_total{shard="${shards.shardOf('right').shard}"} 1`)
  })

  it('names a crash loop when a shard keeps ending, and goes on with it', async () => {
    bench.project(['left', 'right'])
    const shards = await bench.shards(2)
    for (let loss = 1; loss <= SHARD_LOSSES_MAX; loss += 1) {
      process.kill(shards.shardOf('right').pid, 'SIGKILL')
      await shards.process.lines(/"msg":"every shard is ready again"/, loss)
    }
    expect(JSON.parse(await shards.process.line(/"msg":"crash loop/))).toMatchObject({
      shard: shards.shardOf('right').shard,
      losses: SHARD_LOSSES_MAX,
    })
    for (const { status } of await shards.callAll('right_echo', 1)) expect(status).toBe(200)
  })

  it('shows the metrics of the others when a shard says nothing', async () => {
    bench.project(['left', 'right'])
    const shards = await bench.shards(2)
    const { pid, shard } = shards.shardOf('right')
    process.kill(pid, 'SIGSTOP')
    try {
      const broken = new AbortController()
      // Those whose sockets the stopped shard has get no answer.
      const pages = Array.from({ length: 20 }, () =>
        fetch(`${shards.url}/metrics`, { headers: { connection: 'close' }, signal: broken.signal }).then((page) =>
          page.text(),
        ),
      )
      const page = await Promise.any(pages)
      broken.abort()
      await Promise.allSettled(pages)
      expect(page).toContain(`millrace_shard_up{shard="${shard}"} 0`)
      expect(page).toContain(`millrace_shard_up{shard="${1 - shard}"} 1`)
    } finally {
      process.kill(pid, 'SIGCONT')
    }
  })

  it('drains at SIGTERM: a call that is open may still call another shard, and no call is lost', async () => {
    bench.project(['left', 'right'])
    const shards = await bench.shards(2)
    const { directory } = bench
    const open = [
      shards.call('left_gate', { directory, to: 'right_echo' }),
      shards.call('right_gate', { directory, to: 'left_echo' }),
      shards.call('left_call', { to: 'right_gate', input: { directory, to: 'left_echo' } }),
    ]
    await shards.process.lines(/"msg":"at the gate"/, open.length)
    shards.process.signal('SIGTERM')
    await shards.process.lines(/"shard":\d.*"msg":"draining"/, 2)
    bench.write('open', '')
    for (const { status, body } of await Promise.all(open)) expect([status, body.value]).toEqual([200, 'through'])
    expect((await shards.process.ended).code).toBe(0)
    expect(bench.leftovers()).toEqual([])
  })

  it('kills what runs at the second signal, and says so by its exit code', async () => {
    bench.project(['left', 'right'])
    const shards = await bench.shards(2)
    const call = shards.call('left_hold', 'x').catch(() => undefined)
    await shards.process.line(/"msg":"held x"/)
    shards.process.signal('SIGINT')
    await shards.process.lines(/"shard":\d.*"msg":"draining"/, 2)
    shards.process.signal('SIGINT')
    expect((await shards.process.ended).code).toBe(1)
    await call
  })

  it('leaves no shard behind when the supervisor is killed', async () => {
    bench.project(['left', 'right'])
    const shards = await bench.shards(2)
    shards.process.signal('SIGKILL')
    // Both streams end when the last process that writes to them has ended.
    const { stdout } = await shards.process.ended
    expect(stdout.match(/"msg":"the supervisor is gone"/g)).toHaveLength(2)
    expect(bench.leftovers()).toEqual([])
  })

  it('names the programs that cannot start, and ends with 1', async () => {
    bench.project(['left', 'right'])
    bench.write('right.ts', 'throw new Error("no good")')
    const { code, stderr } = await bench.start(['start', '--shards', '2', '-p', '0']).ended
    expect(code).toBe(1)
    expect(stderr).toMatch(/^millrace: right cannot start: .*no good/m)
  })

  it('serves the others with --keep-going', async () => {
    bench.project(['left', 'right'])
    bench.write('right.ts', 'throw new Error("no good")')
    const shards = await bench.shards(2, '--keep-going')
    await shards.process.line(/right cannot start/)
    for (const { status } of await shards.callAll('left_echo', 1)) expect(status).toBe(200)
  })

  it('does not share its port with another engine', async () => {
    bench.project(['left', 'right'])
    const shards = await bench.shards(2)
    const port = new URL(shards.url).port
    const second = await bench.start(['start', '--shards', '2', '-p', port]).ended
    expect([second.code, second.stderr]).toEqual([1, expect.stringContaining(`port ${port} is in use on 127.0.0.1`)])
    expect((await bench.start(['start', '-p', port]).ended).code).toBe(1)
  })
})
