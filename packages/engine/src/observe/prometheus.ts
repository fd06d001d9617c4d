/**
 * The metrics page. The counters are read when somebody asks for the page and at no other time: a call costs nothing
 * here.
 */
import { REASONS } from '@millrace/protocol'
import { collectDefaultMetrics, type Metric, Registry } from 'prom-client'
import { BOUNDS_US, type Histogram } from './histogram.ts'
import type { EngineMetrics, FunctionMetrics } from './metrics.ts'

/** Content-Type of the page. */
export const METRICS_MEDIA_TYPE: string = Registry.PROMETHEUS_CONTENT_TYPE

/**
 * How often the event loop's delay is sampled, in milliseconds, when `processMetrics` is set. prom-client's own 10 would
 * wake an idle engine 100 times a second.
 */
const EVENT_LOOP_SAMPLE_MS = 100

const US_PER_SECOND = 1_000_000
const BOUNDS_SECONDS: readonly number[] = BOUNDS_US.map((us) => us / US_PER_SECOND)

/** Where engine and workers may run, as the page names it. */
const PLACEMENTS = ['kernel', 'pack', 'spread'] as const

/** What the page shows. */
export interface MetricsSources {
  readonly metrics: EngineMetrics
  /** The workers of now, with the program and state of each. */
  workers(): Iterable<{ readonly program: string; readonly state: string }>
  /** The programs of now. */
  programs(): Iterable<ProgramLoad>
  /** Where engine and workers run now. */
  placement(): (typeof PLACEMENTS)[number]
}

/** What an engine counts that has others beside it. */
export interface LinkSources {
  /** Its own number. */
  readonly shard: number
  /** Counted of its links: as functions those of the other engines, as channels and messages those of the links. */
  readonly metrics: EngineMetrics
}

/** How loaded a program is. */
export interface ProgramLoad {
  readonly program: string
  /** Calls on its workers. */
  readonly running: number
  /** Calls that wait for them. */
  readonly waiting: number
  /** Calls that the engine lets run at once; undefined: its concurrency is not managed. */
  readonly target: number | undefined
}

interface Sample {
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number
  /** Name of the series when it is not the metric's own. */
  readonly metricName?: string
}

/** A metric that is made anew for each page; prom-client asks nothing more of a metric than this. */
class ScrapedMetric {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly aggregator = 'sum'
  readonly #samples: () => Sample[]

  constructor(type: ScrapedMetric['type'], name: string, help: string, samples: () => Sample[]) {
    this.type = type
    this.name = name
    this.help = help
    this.#samples = samples
  }

  async get() {
    return {
      name: this.name,
      help: this.help,
      type: this.type,
      aggregator: this.aggregator,
      values: this.#samples(),
    }
  }

  /** The counters belong to the engine and never fall. */
  reset(): void {}
}

/** The metrics page of one engine. */
export class MetricsPage {
  readonly #registry = new Registry()

  /**
   * `processMetrics` adds what prom-client knows of the process (CPU, memory, event loop, garbage collection). Its
   * observers stay until the process ends, so set it once in a process; an embedded engine leaves it to its host.
   * `links`: one engine of several; every series gets the label `shard`. Default: the only one.
   */
  constructor(sources: MetricsSources, processMetrics: boolean, links?: LinkSources) {
    const all = [...functionMetrics(sources.metrics), ...programMetrics(sources), ...engineMetrics(sources)]
    if (links !== undefined) {
      this.#registry.setDefaultLabels({ shard: String(links.shard) })
      all.push(...linkMetrics(links.metrics))
    }
    for (const metric of all) {
      // The registry needs only name, help, type and get(); its declared type wants prom-client's own four classes.
      this.#registry.registerMetric(metric as unknown as Metric)
    }
    if (processMetrics) {
      collectDefaultMetrics({ register: this.#registry, eventLoopMonitoringPrecision: EVENT_LOOP_SAMPLE_MS })
    }
  }

  /** The page in the Prometheus text format 0.0.4. */
  text(): Promise<string> {
    return this.#registry.metrics()
  }
}

function functionMetrics(metrics: EngineMetrics): ScrapedMetric[] {
  const gauge = (name: string, help: string, read: (of: FunctionMetrics) => number) =>
    new ScrapedMetric('gauge', name, help, () =>
      Array.from(metrics.functions(), (of) => ({ labels: { function: of.function }, value: read(of) })),
    )
  const histogram = (name: string, help: string, read: (of: FunctionMetrics) => Histogram) =>
    new ScrapedMetric('histogram', name, help, () =>
      Array.from(metrics.functions()).flatMap((of) => histogramSamples(name, of.function, read(of))),
    )
  return [
    new ScrapedMetric(
      'counter',
      'millrace_calls_total',
      'Calls that ended, by function and outcome: ok, or the reason of the failure once it was seen.',
      () => Array.from(metrics.functions()).flatMap(outcomeSamples),
    ),
    gauge('millrace_calls_running', 'Calls on workers now.', (of) => of.running),
    gauge('millrace_calls_waiting', 'Calls waiting for a worker now.', (of) => of.waiting),
    histogram('millrace_call_duration_seconds', 'Time of a call from entering to settling.', (of) => of.total),
    histogram('millrace_call_queue_seconds', 'Time that a call waited for a worker.', (of) => of.queue),
    histogram('millrace_call_run_seconds', 'Time of a call in the handler, as the worker told.', (of) => of.run),
  ]
}

function linkMetrics(metrics: EngineMetrics): ScrapedMetric[] {
  const one = (type: 'counter' | 'gauge', name: string, help: string, read: () => number) =>
    new ScrapedMetric(type, name, help, () => [{ labels: {}, value: read() }])
  return [
    new ScrapedMetric(
      'counter',
      'millrace_link_calls_total',
      'Calls that went to another shard, by function and outcome; that shard counts them among its calls.',
      () => Array.from(metrics.functions()).flatMap(outcomeSamples),
    ),
    new ScrapedMetric(
      'histogram',
      'millrace_link_call_duration_seconds',
      'Time of a call to another shard, from entering here to settling.',
      () =>
        Array.from(metrics.functions()).flatMap((of) =>
          histogramSamples('millrace_link_call_duration_seconds', of.function, of.total),
        ),
    ),
    one('gauge', 'millrace_links_open', 'Other shards that calls can go to now.', () => metrics.channelsOpen),
    one('counter', 'millrace_links_made_total', 'Links offered to other shards.', () => metrics.workerStarts),
    one('counter', 'millrace_links_ended_total', 'Links to other shards that ended.', () => metrics.workerExits),
    new ScrapedMetric(
      'counter',
      'millrace_link_messages_total',
      'Messages of 1,024 bytes over the links of this shard, both ways of each, by direction.',
      () => [
        { labels: { direction: 'in' }, value: metrics.messagesIn },
        { labels: { direction: 'out' }, value: metrics.messagesOut },
      ],
    ),
  ]
}

function programMetrics({ programs }: MetricsSources): ScrapedMetric[] {
  const gauge = (name: string, help: string, read: (of: ProgramLoad) => number | undefined) =>
    new ScrapedMetric('gauge', name, help, () =>
      Array.from(programs()).flatMap((of) => {
        const value = read(of)
        return value === undefined ? [] : [{ labels: { program: of.program }, value }]
      }),
    )
  return [
    gauge('millrace_program_calls_running', 'Calls on the workers of a program now.', (of) => of.running),
    gauge('millrace_program_calls_waiting', 'Calls waiting for the workers of a program now.', (of) => of.waiting),
    gauge(
      'millrace_program_concurrency_target',
      'Calls that the engine lets run at once, of programs with managed concurrency.',
      (of) => of.target,
    ),
  ]
}

function engineMetrics({ metrics, workers, placement }: MetricsSources): ScrapedMetric[] {
  const counter = (name: string, help: string, read: () => number) =>
    new ScrapedMetric('counter', name, help, () => [{ labels: {}, value: read() }])
  const gauge = (name: string, help: string, read: () => number) =>
    new ScrapedMetric('gauge', name, help, () => [{ labels: {}, value: read() }])
  const { http } = metrics
  return [
    new ScrapedMetric('gauge', 'millrace_workers', 'Workers now, by program and state.', () =>
      workerSamples(workers()),
    ),
    new ScrapedMetric('gauge', 'millrace_placement', 'Where engine and workers run now: 1 for that placement.', () =>
      PLACEMENTS.map((one) => ({ labels: { placement: one }, value: one === placement() ? 1 : 0 })),
    ),
    counter('millrace_worker_starts_total', 'Workers launched.', () => metrics.workerStarts),
    counter(
      'millrace_worker_start_failures_total',
      'Workers that ended before they were ready.',
      () => metrics.workerStartFailures,
    ),
    counter('millrace_worker_pauses_total', 'Workers paused since nobody needed them.', () => metrics.workerPauses),
    counter('millrace_worker_resumes_total', 'Paused workers that went on.', () => metrics.workerResumes),
    counter(
      'millrace_worker_resume_seconds_total',
      'From the begin of a resume until the worker answered, summed over the resumes.',
      () => metrics.workerResumeUs / 1_000_000,
    ),
    counter('millrace_worker_exits_total', 'Worker processes that ended.', () => metrics.workerExits),
    gauge('millrace_channels_open', 'Channels past their handshake now.', () => metrics.channelsOpen),
    new ScrapedMetric(
      'counter',
      'millrace_messages_total',
      'Messages of 1,024 bytes, by direction: in is from a worker, out is to one.',
      () => [
        { labels: { direction: 'in' }, value: metrics.messagesIn },
        { labels: { direction: 'out' }, value: metrics.messagesOut },
      ],
    ),
    counter(
      'millrace_messages_late_total',
      'Messages dropped because their call had ended.',
      () => metrics.messagesLate,
    ),
    counter(
      'millrace_protocol_errors_total',
      'Channels ended because the worker broke a rule of the protocol.',
      () => metrics.protocolErrors,
    ),
    counter(
      'millrace_log_records_dropped_total',
      'Log records and output lines of workers that a bound cut off.',
      () => metrics.logRecordsDropped,
    ),
    gauge('millrace_http_sockets_open', 'Client sockets of the HTTP gateway now.', () => http.socketsOpen),
    counter(
      'millrace_http_sockets_dropped_total',
      'Client sockets closed on arrival, since as many as allowed were open.',
      () => http.socketsDropped,
    ),
    counter('millrace_http_requests_total', 'HTTP requests with a readable head.', () => http.requests),
    counter(
      'millrace_http_requests_refused_total',
      'HTTP requests that the gateway refused without opening a call.',
      () => http.refused,
    ),
    counter(
      'millrace_http_clients_gone_total',
      'Calls cancelled because their HTTP client went away.',
      () => http.clientsGone,
    ),
  ]
}

function outcomeSamples(of: FunctionMetrics): Sample[] {
  const samples: Sample[] = [{ labels: { function: of.function, outcome: 'ok' }, value: of.ok }]
  for (const reason of Object.values(REASONS)) {
    const value = of.failed[reason.value]!
    if (value > 0) samples.push({ labels: { function: of.function, outcome: reason.name }, value })
  }
  return samples
}

/** The buckets of the text format are cumulative: each counts all that is at most its bound. */
function histogramSamples(name: string, label: string, histogram: Histogram): Sample[] {
  const samples: Sample[] = []
  let below = 0
  for (const [i, le] of BOUNDS_SECONDS.entries()) {
    below += histogram.counts[i]!
    samples.push({ metricName: `${name}_bucket`, labels: { le, function: label }, value: below })
  }
  samples.push({ metricName: `${name}_bucket`, labels: { le: '+Inf', function: label }, value: histogram.count })
  samples.push({ metricName: `${name}_sum`, labels: { function: label }, value: histogram.sumUs / US_PER_SECOND })
  samples.push({ metricName: `${name}_count`, labels: { function: label }, value: histogram.count })
  return samples
}

function workerSamples(workers: ReturnType<MetricsSources['workers']>): Sample[] {
  const counts = new Map<string, { labels: { program: string; state: string }; value: number }>()
  for (const { program, state } of workers) {
    const key = `${program}\n${state}`
    const sample = counts.get(key) ?? { labels: { program, state }, value: 0 }
    sample.value += 1
    counts.set(key, sample)
  }
  return [...counts.values()]
}
