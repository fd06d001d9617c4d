/** What a case is: two sides that do the same, and the figures that come of it. */
import type { MeasuredKey, Measurement } from '../measurement.ts'
import type { PlaceName } from '../place.ts'
import type { Site } from '../site.ts'
import type { Language } from '../subject/languages.ts'

/** One side of a case. */
export interface Side {
  /** Such as `relay`, for the report. */
  readonly name: string
  measure(site: Site): Promise<Measurement>
}

export interface BenchCase {
  /** Dotted, permanent: `--only` and `--compare` go by it. */
  readonly name: string
  /** For people. */
  readonly title: string
  /** What both sides are compared by, in the order of the report. */
  readonly keys: readonly MeasuredKey[]
  /** Whether `--quick` measures it. Default false. */
  readonly quick?: boolean
  /** Whether the first round alone measures it: it takes long, and scatters little. Default false. */
  readonly once?: boolean
  /** Where it is measured. Default: everywhere. */
  readonly places?: readonly PlaceName[]
  /** Languages whose workers must be built. Default: none. */
  readonly languages?: readonly Language[]
  /** Language whose peers must be installed. Default: none. */
  readonly peer?: Language
  /** Why it can't be measured on this machine; undefined: it can. Default: it can. */
  missing?(): string | undefined
  /** The least that the work costs without Millrace; undefined: nothing to compare with. */
  readonly floor?: Side
  /** Millrace; undefined: the case only shows the machine. */
  readonly subject?: Side
  /** Makes the subject's work once, long enough to be looked at, with CPU profiles into `folder`. */
  profile?(site: Site, folder: string): Promise<void>
}
