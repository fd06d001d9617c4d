import { describe, expect, it } from 'vitest'
import { EngineMetrics } from './metrics.ts'
import { METRICS_MEDIA_TYPE, MetricsPage, type MetricsSources, type ProgramLoad } from './prometheus.ts'

const programs: ProgramLoad[] = [
  { program: 'a', running: 3, waiting: 2, target: 8 },
  { program: 'b', running: 0, waiting: 0, target: undefined },
]

function page(metrics: EngineMetrics, workers: MetricsSources['workers'] = () => [], processMetrics = false) {
  return new MetricsPage({ metrics, workers, programs: () => programs, placement: () => 'pack' }, processMetrics)
}

async function lines(of: MetricsPage): Promise<string[]> {
  return (await of.text()).split('\n')
}

describe('MetricsPage', () => {
  it('names the text format 0.0.4', () => {
    expect(METRICS_MEDIA_TYPE).toBe('text/plain; version=0.0.4; charset=utf-8')
  })

  it('has a HELP and a TYPE line for each metric, and the prefix millrace_ on each', async () => {
    const metrics = new EngineMetrics()
    metrics.ofFunction('add').total.record(15)
    const all = await lines(page(metrics))
    const helped = all.flatMap((line) => /^# HELP (\S+) \S/.exec(line)?.[1] ?? [])
    const typed = all.flatMap((line) => /^# TYPE (\S+) (?:counter|gauge|histogram)$/.exec(line)?.[1] ?? [])
    expect(helped).toEqual(typed)
    expect(new Set(helped).size).toBe(helped.length)
    for (const line of all.filter((each) => each !== '' && !each.startsWith('#'))) {
      const name = /^[a-z_]+/.exec(line)![0]
      expect(name.startsWith('millrace_')).toBe(true)
      expect(helped.some((each) => name === each || name.startsWith(`${each}_`))).toBe(true)
    }
  })

  it('reads the counters anew for each page', async () => {
    const metrics = new EngineMetrics()
    const add = metrics.ofFunction('add')
    const of = page(metrics)
    expect(await lines(of)).toContain('millrace_calls_total{function="add",outcome="ok"} 0')
    add.ok += 3
    add.running = 2
    metrics.messagesIn = 7
    metrics.ofFunction('late').ok = 1
    const later = await lines(of)
    expect(later).toContain('millrace_calls_total{function="add",outcome="ok"} 3')
    expect(later).toContain('millrace_calls_running{function="add"} 2')
    expect(later).toContain('millrace_messages_total{direction="in"} 7')
    expect(later).toContain('millrace_calls_total{function="late",outcome="ok"} 1')
  })

  it('shows the load of each program, and a target where there is one', async () => {
    const all = await lines(page(new EngineMetrics()))
    expect(all).toContain('millrace_program_calls_running{program="a"} 3')
    expect(all).toContain('millrace_program_calls_waiting{program="b"} 0')
    expect(all.filter((line) => line.startsWith('millrace_program_concurrency_target'))).toEqual([
      'millrace_program_concurrency_target{program="a"} 8',
    ])
  })

  it('shows a reason only once it was seen', async () => {
    const metrics = new EngineMetrics()
    const add = metrics.ofFunction('add')
    const of = page(metrics)
    expect((await of.text()).includes('queue_full')).toBe(false)
    add.failure('queue_full')
    expect(await lines(of)).toContain('millrace_calls_total{function="add",outcome="queue_full"} 1')
    expect((await of.text()).includes('handler_error')).toBe(false)
  })

  it('gives cumulative buckets in seconds from 10 µs up, their count and their sum', async () => {
    const metrics = new EngineMetrics()
    const { total } = metrics.ofFunction('add')
    for (const us of [10, 11, 35, 90_000_000]) total.record(us)
    const all = await lines(page(metrics))
    const name = 'millrace_call_duration_seconds'
    expect(all).toContain(`${name}_bucket{le="0.00001",function="add"} 1`)
    expect(all).toContain(`${name}_bucket{le="0.00002",function="add"} 2`)
    expect(all).toContain(`${name}_bucket{le="0.00004",function="add"} 3`)
    expect(all).toContain(`${name}_bucket{le="83.88608",function="add"} 3`)
    expect(all).toContain(`${name}_bucket{le="+Inf",function="add"} 4`)
    expect(all).toContain(`${name}_sum{function="add"} 90.000056`)
    expect(all).toContain(`${name}_count{function="add"} 4`)
  })

  it('counts workers by program and state', async () => {
    const workers = [
      { program: 'a', state: 'ready' },
      { program: 'a', state: 'ready' },
      { program: 'a', state: 'draining' },
      { program: 'b', state: 'ready' },
    ]
    const all = await lines(page(new EngineMetrics(), () => workers))
    expect(all).toContain('millrace_workers{program="a",state="ready"} 2')
    expect(all).toContain('millrace_workers{program="a",state="draining"} 1')
    expect(all).toContain('millrace_workers{program="b",state="ready"} 1')
  })

  it('adds the metrics of the process only when told', async () => {
    expect((await page(new EngineMetrics()).text()).includes('process_cpu_seconds_total')).toBe(false)
    const text = await page(new EngineMetrics(), () => [], true).text()
    expect(text).toContain('\nprocess_cpu_seconds_total ')
    expect(text).toContain('# HELP nodejs_eventloop_lag_seconds ')
  })
})
