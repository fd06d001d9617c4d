/** Lines over time as an SVG that needs nothing else. Pure. */

export interface Line {
  readonly name: string
  readonly color: string
  /** Pairs of x and y; x rising. */
  readonly points: readonly (readonly [x: number, y: number])[]
}

export interface Plot {
  readonly title: string
  readonly xLabel: string
  readonly yLabel: string
  /** Top of the y axis; it begins at 0. */
  readonly yMax: number
  readonly lines: readonly Line[]
}

const WIDTH = 720
const HEIGHT = 300
const LEFT = 56
const TOP = 40
const RIGHT = 16
const BOTTOM = 48
const TICKS = 4

/** The whole file. */
export function linePlot({ title, xLabel, yLabel, yMax, lines }: Plot): string {
  const xMax = Math.max(1e-9, ...lines.flatMap(({ points }) => points.map(([x]) => x)))
  const x = (value: number): string => (LEFT + (value / xMax) * (WIDTH - LEFT - RIGHT)).toFixed(1)
  const y = (value: number): string =>
    (HEIGHT - BOTTOM - (Math.min(value, yMax) / yMax) * (HEIGHT - TOP - BOTTOM)).toFixed(1)
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    `<text x="${LEFT}" y="20" font-size="14">${escaped(title)}</text>`,
  ]
  for (let i = 0; i <= TICKS; i += 1) {
    const yValue = (yMax * i) / TICKS
    const xValue = (xMax * i) / TICKS
    parts.push(
      `<path d="M${LEFT} ${y(yValue)}H${WIDTH - RIGHT}" stroke="#ddd"/>`,
      `<text x="${LEFT - 6}" y="${y(yValue)}" text-anchor="end" dy="4">${short(yValue)}</text>`,
      `<text x="${x(xValue)}" y="${HEIGHT - BOTTOM + 16}" text-anchor="middle">${short(xValue)}</text>`,
    )
  }
  parts.push(
    `<text x="${(LEFT + WIDTH) / 2}" y="${HEIGHT - 12}" text-anchor="middle">${escaped(xLabel)}</text>`,
    `<text x="14" y="${HEIGHT / 2}" text-anchor="middle" transform="rotate(-90 14 ${HEIGHT / 2})">${escaped(yLabel)}</text>`,
  )
  for (const [i, { name, color, points }] of lines.entries()) {
    const path = points.map(([px, py], at) => `${at === 0 ? 'M' : 'L'}${x(px)} ${y(py)}`).join('')
    parts.push(
      `<path d="${path}" fill="none" stroke="${color}" stroke-width="1.5"/>`,
      `<text x="${WIDTH - RIGHT - 8}" y="${TOP + 14 * i}" text-anchor="end" fill="${color}">${escaped(name)}</text>`,
    )
  }
  return `${[...parts, '</svg>'].join('\n')}\n`
}

function short(value: number): string {
  return value >= 10 ? value.toFixed(0) : `${Math.round(value * 100) / 100}`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
