/** All cases, in the order in which a round makes them. */
import type { BenchCase } from './case.ts'
import { countCases } from './counts.ts'
import { externalCases } from './external.ts'
import { internalCases } from './internal.ts'
import { machineCases } from './machine.ts'
import { memoryCases } from './memory.ts'
import { openLoopCases } from './open-loop.ts'
import { peerCases } from './peers.ts'
import { pollCases } from './polls.ts'
import { shapeCases } from './shapes.ts'
import { streamCases } from './streams.ts'

export const allCases: readonly BenchCase[] = [
  ...machineCases,
  ...internalCases,
  ...externalCases,
  ...shapeCases,
  ...streamCases,
  ...openLoopCases,
  ...pollCases,
  ...peerCases,
  ...memoryCases,
  ...countCases,
]
