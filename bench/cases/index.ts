/** All cases, in the order in which a round makes them. */
import type { BenchCase } from './case.ts'
import { externalCases } from './external.ts'
import { internalCases } from './internal.ts'
import { machineCases } from './machine.ts'

export const allCases: readonly BenchCase[] = [...machineCases, ...internalCases, ...externalCases]
