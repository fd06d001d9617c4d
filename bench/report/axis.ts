/** Axes of plots: where a value lies from 0 to 1, and which values have a mark. Pure. */

export interface Axis {
  /** 0: at the beginning of the axis; 1: at its end. Values beyond are drawn at the end they are beyond. */
  at(value: number): number
  readonly marks: readonly { readonly value: number; readonly label: string }[]
}

const LINEAR_STEPS = 4

/** From 0 to `max`. */
export function linearAxis(max: number): Axis {
  return {
    at: (value) => inside(value / max),
    marks: Array.from({ length: LINEAR_STEPS + 1 }, (_, step) => mark((max * step) / LINEAR_STEPS)),
  }
}

/** From `min` to `max`, both above 0: each step as long as it multiplies. Marks at powers of `base`. */
export function logAxis(min: number, max: number, base: number): Axis {
  const [from, to] = [Math.log(min), Math.log(Math.max(max, min * base))]
  const first = Math.ceil(from / Math.log(base) - 1e-9)
  const last = Math.floor(to / Math.log(base) + 1e-9)
  return {
    at: (value) => inside((Math.log(value) - from) / (to - from)),
    marks: Array.from({ length: last - first + 1 }, (_, step) => mark(base ** (first + step))),
  }
}

/** Shares of all samples from 0 to 0.9999, each nine as long as the one before: the rarest samples have as much room. */
export function percentileAxis(): Axis {
  const nines = (share: number): number => -Math.log10(1 - share)
  return {
    at: (share) => inside(nines(share) / nines(0.9999)),
    marks: [0, 0.5, 0.9, 0.99, 0.999, 0.9999].map((share) => ({
      value: share,
      label: share === 0 ? 'least' : `p${String(share * 100).slice(0, 5)}`,
    })),
  }
}

function inside(place: number): number {
  return Math.min(Math.max(place, 0), 1)
}

function mark(value: number): { readonly value: number; readonly label: string } {
  const label =
    value >= 1e4 ? `${Math.round(value / 1e3)} k` : value >= 10 ? value.toFixed(0) : `${Math.round(value * 100) / 100}`
  return { value, label }
}
