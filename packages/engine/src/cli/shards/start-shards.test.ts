import { request } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ShardsBench } from './shards-bench.ts'

let bench: ShardsBench
beforeEach(() => {
  bench = new ShardsBench()
})
afterEach(() => bench.close())

describe('millrace start --shards', () => {
  it('serves every function on one port, whichever of two shards takes the call, and lets them call one another', async () => {
    bench.project(['left', 'right'])
    const shards = await bench.shards(2)
    expect(shards.shardOf('left').shard).not.toBe(shards.shardOf('right').shard)
    for (const [from, to] of [
      ['left', 'right'],
      ['right', 'left'],
    ]) {
      for (const { status, body } of await shards.callAll(`${from}_call`, { to: `${to}_echo`, input: 'Ada' })) {
        expect([status, body.value]).toEqual([200, 'Ada'])
      }
    }
    shards.process.signal('SIGTERM')
    expect((await shards.process.ended).code).toBe(0)
    expect(bench.leftovers()).toEqual([])
  })

  it('keeps the trace and the time that is left of a call that crosses shards twice', async () => {
    bench.project(['left', 'right'])
    const shards = await bench.shards(2)
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
    const input = { to: 'right_call', input: { to: 'left_echo', input: 1 } }
    const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01`, 'millrace-timeout': '20s' }
    const { body } = await shards.call('left_call', input, { headers })
    expect(body).toMatchObject({ value: 1, traceId })
    expect(body.leftMs).toBeGreaterThan(0)
    expect(body.leftMs).toBeLessThanOrEqual(20_000)
  })

  it('refuses a recursion through three shards at the 65th call, wherever that is', async () => {
    bench.project(['left', 'right', 'third'])
    const shards = await bench.shards(3)
    const ring = ['left_ring', 'right_ring', 'third_ring']
    for (const { body } of await shards.callAll('left_ring', { ring, step: 0 })) {
      expect(body).toMatchObject({ step: 64, reason: 'depth_exceeded' })
    }
  })

  it('streams both ways between shards, more than the credit of a link at once', async () => {
    bench.project(['left', 'right'])
    const shards = await bench.shards(2)
    for (const [side, other] of [
      ['left', 'right'],
      ['right', 'left'],
    ]) {
      const { body } = await shards.call(`${side}_sum`, { of: `${other}_count`, to: 2_000 })
      expect(body).toBe(2_001_000)
      const text = 'abc'.repeat(100_000)
      const response = await fetch(`${shards.url}/function/${side}_pass`, { method: 'POST', body: text })
      expect(await response.text()).toBe(text.toUpperCase())
    }
  })

  it('passes a failure on as it is: reason, code, retry hint', async () => {
    bench.project(['left', 'right'])
    const shards = await bench.shards(2)
    const direct = await shards.callAll('left_fail', null)
    for (const { status, body } of direct) {
      expect(status).toBe(400)
      expect(body).toMatchObject({
        reason: 'bad_input',
        detail: 'no user 7',
        code: 'NO_USER',
        retryable: false,
        function: 'left_fail',
      })
    }
    const { body } = await shards.call('right_call', { to: 'left_fail' })
    expect(body).toMatchObject({ reason: 'bad_input', detail: 'no user 7', code: 'NO_USER' })
  })

  it('cancels a call on another shard when its HTTP client goes away', async () => {
    bench.project(['left', 'right'])
    const shards = await bench.shards(2)
    for (const [side, other] of [
      ['left', 'right'],
      ['right', 'left'],
    ]) {
      const client = request(`${shards.url}/function/${side}_call`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
      })
      client.on('error', () => {})
      client.end(JSON.stringify({ to: `${other}_hold`, input: side }))
      await shards.process.line(new RegExp(`"msg":"held ${side}"`))
      client.destroy()
      await shards.process.line(new RegExp(`"msg":"let go ${side}: cancelled"`))
    }
  })

  it('ends a call on another shard at the deadline of the call above it', async () => {
    bench.project(['left', 'right'])
    const shards = await bench.shards(2)
    const { status, body } = await shards.call(
      'left_call',
      { to: 'right_hold', input: 'x' },
      { headers: { 'millrace-timeout': '200ms' } },
    )
    expect([status, body.reason]).toEqual([504, 'deadline_exceeded'])
    await shards.process.line(/"msg":"let go x: (deadline_exceeded|cancelled)"/)
  })

  it('shows functions, workers and metrics of all shards, whichever of them answers', async () => {
    bench.project(['left', 'right', 'third'])
    const shards = await bench.shards(3)
    await shards.call('left_call', { to: 'right_echo', input: 1 })
    const text = async () => (await fetch(`${shards.url}/metrics`, { headers: { connection: 'close' } })).text()
    for (const page of await Promise.all([text(), text(), text(), text(), text(), text()])) {
      for (const shard of [0, 1, 2]) expect(page).toContain(`millrace_shard_up{shard="${shard}"} 1`)
      const { shard } = shards.shardOf('right')
      expect(page).toContain(`millrace_calls_total{function="right_echo",outcome="ok",shard="${shard}"} 1`)
      expect(page).toMatch(/millrace_link_calls_total\{function="right_echo",outcome="ok",shard="\d"\} 1/)
      expect(page.match(/^# TYPE millrace_calls_total /gm)).toHaveLength(1)
    }
    const list = await bench.start(['list', '--url', shards.url, '-o', 'json']).ended
    const { functions, workers } = JSON.parse(list.stdout)
    expect(functions).toHaveLength(30)
    expect(new Set(workers.map((worker: { shard: number }) => worker.shard))).toEqual(new Set([0, 1, 2]))
    const table = (await bench.start(['list', '--url', shards.url]).ended).stdout
    expect(table).toMatch(/^FUNCTION +SHARD +PROGRAM/)
    expect(table).toMatch(/^WORKER +SHARD +PROGRAM/m)
  })

  it.each(['0', 'x', '65', '-1', '2.5', ''])('refuses --shards %j in one line', async (count) => {
    bench.project(['left'])
    const { code, stderr } = await bench.start(['start', `--shards=${count}`]).ended
    expect([code, stderr]).toEqual([2, `millrace: --shards: "${count}" is not a whole number from 1 to 64, nor auto\n`])
  })
})
