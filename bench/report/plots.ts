/** The plots of a run: latency by percentile, throughput by calls in flight. Pure. */
import { IN_FLIGHT_STEPS } from '../cases/internal.ts'
import type { PlaceName } from '../place.ts'
import type { Results } from '../results.ts'
import type { RoundResult } from '../rounds.ts'
import { CURVE_SHARES } from '../samples.ts'
import { spread } from '../statistics.ts'
import { LANGUAGE_NAMES, LANGUAGES, type Language } from '../subject/languages.ts'
import { type Axis, linearAxis, logAxis, percentileAxis } from './axis.ts'
import { type Line, linePlot } from './line-plot.ts'

export interface PlotFile {
  readonly file: string
  readonly svg: string
}

const COLORS: Readonly<Record<Language, string>> = { cpp: '#27c', go: '#0a8', node: '#b44', python: '#c80' }
const FLOOR_COLOR = '#777'
const PLACES: readonly PlaceName[] = ['pinned', 'free']

/** Those for which the run has figures. */
export function plotsOf({ results }: Pick<Results, 'results'>): PlotFile[] {
  const latency = PLACES.map((place) => ({
    file: `latency-${place}.svg`,
    title: `Internal call, one at a time, 0 B, ${place}`,
    lines: [
      ...LANGUAGES.map((language) => latencyLine(results, `internal.${language}.0B.1`, place, language)),
      latencyLine(results, 'internal.cpp.0B.1', place, undefined, 'relay'),
    ],
  }))
  const peers = {
    file: 'latency-grpc.svg',
    title: 'Internal call, and unary gRPC over a Unix socket (broken lines), 0 B, pinned',
    lines: LANGUAGES.flatMap((language) => [
      latencyLine(results, `peer.grpc.${language}`, 'pinned', language),
      latencyLine(results, `peer.grpc.${language}`, 'pinned', language, `${LANGUAGE_NAMES[language]} gRPC`),
    ]),
  }
  return [
    ...[...latency, peers].flatMap(({ file, title, lines }) => latencyPlot(file, title, present(lines))),
    ...throughputPlot(results),
  ]
}

function present(lines: readonly (Line | undefined)[]): Line[] {
  return lines.filter((line) => line !== undefined)
}

/** The medians of the rounds' distributions; `floorName`: of the floor. Undefined when no round has one. */
function latencyLine(
  results: readonly RoundResult[],
  name: string,
  place: PlaceName,
  language: Language | undefined,
  floorName?: string,
): Line | undefined {
  const curves = results
    .filter((result) => result.case === name && result.place === place)
    .flatMap(({ floor, subject }) => {
      const curve = (floorName === undefined ? subject : floor)?.curveUs
      return curve === undefined ? [] : [curve]
    })
  if (curves.length === 0) return undefined
  // The largest sample of all has no place on an axis of nines.
  const points = CURVE_SHARES.flatMap((share, at) =>
    share === 1 ? [] : [[share, spread(curves.map((curve) => curve[at]!)).median] as const],
  )
  const color = language === undefined ? FLOOR_COLOR : COLORS[language]
  return { name: floorName ?? LANGUAGE_NAMES[language!], color, points, dashed: floorName !== undefined }
}

function latencyPlot(file: string, title: string, lines: readonly Line[]): PlotFile[] {
  if (lines.length === 0) return []
  const labels = { title, xLabel: 'share of all calls that took no longer', yLabel: 'µs' }
  return [{ file, svg: linePlot({ ...labels, xAxis: percentileAxis(), yAxis: around(lines), lines }) }]
}

/** A logarithmic axis with room for all points. */
function around(lines: readonly Line[]): Axis {
  const values = lines.flatMap(({ points }) => points.map(([, y]) => y))
  return logAxis(10 ** Math.floor(Math.log10(Math.min(...values))), Math.max(...values), 10)
}

function throughputPlot(results: readonly RoundResult[]): PlotFile[] {
  const lines = (['cpp', 'node'] as const).flatMap((language) =>
    PLACES.flatMap((place) => {
      const points = IN_FLIGHT_STEPS.flatMap((inFlight) => {
        const rounds = results.filter(
          (result) => result.case === `internal.${language}.0B.${inFlight}` && result.place === place,
        )
        const rates = rounds.flatMap(({ subject }) => subject?.perSecond ?? [])
        return rates.length === 0 ? [] : [[inFlight, spread(rates).median] as const]
      })
      const name = `${LANGUAGE_NAMES[language]}, ${place}`
      return points.length < 2 ? [] : [{ name, color: COLORS[language], points, dashed: place === 'free' }]
    }),
  )
  if (lines.length === 0) return []
  const most = Math.max(...lines.flatMap(({ points }) => points.map(([, y]) => y)))
  const labels = { title: 'Internal calls/s, 0 B', xLabel: 'calls in flight', yLabel: 'calls/s' }
  const axes = { xAxis: logAxis(1, IN_FLIGHT_STEPS.at(-1)!, 2), yAxis: linearAxis(Math.ceil(most / 1e5) * 1e5) }
  return [{ file: 'throughput.svg', svg: linePlot({ ...labels, ...axes, lines }) }]
}
