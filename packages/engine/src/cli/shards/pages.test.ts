import { expect, it } from 'vitest'
import { mergeMetrics, mergeRows } from './pages.ts'

const page = (shard: number, value: number) => `# HELP calls_total Calls.
# TYPE calls_total counter
calls_total{shard="${shard}"} ${value}

# HELP time_seconds Time.
# TYPE time_seconds histogram
time_seconds_bucket{le="1",shard="${shard}"} ${value}
time_seconds_count{shard="${shard}"} ${value}
`

it('puts the series of all shards below one HELP and TYPE of each metric, and tells which shard said nothing', () => {
  const parts = [
    { shard: 0, restarts: 0, part: page(0, 3) },
    { shard: 1, restarts: 2, part: undefined },
    { shard: 2, restarts: 0, part: page(2, 5) },
  ]
  expect(mergeMetrics(parts)).toBe(`# HELP millrace_shard_up Whether a shard told its metrics for this page.
# TYPE millrace_shard_up gauge
millrace_shard_up{shard="0"} 1
millrace_shard_up{shard="1"} 0
millrace_shard_up{shard="2"} 1

# HELP millrace_shard_restarts_total Times that a shard was started again.
# TYPE millrace_shard_restarts_total counter
millrace_shard_restarts_total{shard="0"} 0
millrace_shard_restarts_total{shard="1"} 2
millrace_shard_restarts_total{shard="2"} 0

# HELP calls_total Calls.
# TYPE calls_total counter
calls_total{shard="0"} 3
calls_total{shard="2"} 5

# HELP time_seconds Time.
# TYPE time_seconds histogram
time_seconds_bucket{le="1",shard="0"} 3
time_seconds_count{shard="0"} 3
time_seconds_bucket{le="1",shard="2"} 5
time_seconds_count{shard="2"} 5
`)
})

it('gives each row the number of its shard, and leaves out who said nothing', () => {
  const parts = [
    { shard: 0, restarts: 0, part: [{ name: 'a' }] },
    { shard: 1, restarts: 0, part: undefined },
    { shard: 2, restarts: 0, part: [{ name: 'b' }, { name: 'c' }] },
  ]
  expect(mergeRows(parts)).toEqual([
    { name: 'a', shard: 0 },
    { name: 'b', shard: 2 },
    { name: 'c', shard: 2 },
  ])
})
