/** Lines as an SVG that needs nothing else. Pure. */
import { type Axis, linearAxis } from './axis.ts'

export interface Line {
  readonly name: string
  readonly color: string
  /** Whether the line is broken: for what is no part of Millrace. Default false. */
  readonly dashed?: boolean
  /** Pairs of x and y; x rising. */
  readonly points: readonly (readonly [x: number, y: number])[]
}

export interface Plot {
  readonly title: string
  readonly xLabel: string
  readonly yLabel: string
  /** Default: from 0 to the largest x. */
  readonly xAxis?: Axis
  readonly yAxis: Axis
  readonly lines: readonly Line[]
}

const WIDTH = 720
const HEIGHT = 300
const LEFT = 56
const TOP = 40
const RIGHT = 28
const BOTTOM = 48

/** The whole file. */
export function linePlot({ title, xLabel, yLabel, xAxis, yAxis, lines }: Plot): string {
  const xs = xAxis ?? linearAxis(Math.max(1e-9, ...lines.flatMap(({ points }) => points.map(([x]) => x))))
  const x = (value: number): string => (LEFT + xs.at(value) * (WIDTH - LEFT - RIGHT)).toFixed(1)
  const y = (value: number): string => (HEIGHT - BOTTOM - yAxis.at(value) * (HEIGHT - TOP - BOTTOM)).toFixed(1)
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    `<text x="${LEFT}" y="20" font-size="14">${escaped(title)}</text>`,
  ]
  for (const { value, label } of yAxis.marks) {
    parts.push(
      `<path d="M${LEFT} ${y(value)}H${WIDTH - RIGHT}" stroke="#ddd"/>`,
      `<text x="${LEFT - 6}" y="${y(value)}" text-anchor="end" dy="4">${label}</text>`,
    )
  }
  for (const { value, label } of xs.marks) {
    parts.push(`<text x="${x(value)}" y="${HEIGHT - BOTTOM + 16}" text-anchor="middle">${label}</text>`)
  }
  parts.push(
    `<text x="${(LEFT + WIDTH) / 2}" y="${HEIGHT - 12}" text-anchor="middle">${escaped(xLabel)}</text>`,
    `<text x="14" y="${HEIGHT / 2}" text-anchor="middle" transform="rotate(-90 14 ${HEIGHT / 2})">${escaped(yLabel)}</text>`,
  )
  for (const [i, { name, color, points, dashed = false }] of lines.entries()) {
    const path = points.map(([px, py], at) => `${at === 0 ? 'M' : 'L'}${x(px)} ${y(py)}`).join('')
    parts.push(
      `<path d="${path}" fill="none" stroke="${color}" stroke-width="1.5"${dashed ? ' stroke-dasharray="5 4"' : ''}/>`,
      `<text x="${LEFT + 12}" y="${TOP + 6 + 14 * i}" fill="${color}">${escaped(name)}</text>`,
    )
  }
  return `${[...parts, '</svg>'].join('\n')}\n`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
