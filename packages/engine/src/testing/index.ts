/**
 * Engines without an operating system: memory pipes, a clock that moves when told, workers that follow a script.
 * Used by this package's own tests, by `@millrace/sdk/testing`, and by whoever tests an SDK.
 *
 * @packageDocumentation
 */
export { MemoryDirectory, type MemoryFile, MemoryFiles } from './memory-files.ts'
export { MemoryLauncher, type MemoryProcess, type MemoryProgram } from './memory-launcher.ts'
export { MemoryPipe, type MemoryPipeOptions } from './memory-pipe.ts'
export { createMemoryWorld, type MemoryWorldOptions } from './memory-world.ts'
export { type Neighbour, Neighbours } from './neighbours.ts'
export { Dice, type Later, ManualClock, Schedule } from './schedule.ts'
export { type HeaderFields, type HelloScript, ScriptedWorker, set } from './scripted-worker.ts'
export { runTown, type TownOptions, type TownReport } from './town.ts'
