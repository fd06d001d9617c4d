/** Runs a program to its end and gives what it printed. */
import { execFile } from 'node:child_process'
import { MEASURE_LIMIT_MS, PRINTED_MAX_BYTES } from './limits.ts'

/**
 * @throws Error with the program's own words when it fails, can't be found or takes longer than `MEASURE_LIMIT_MS`;
 * then it is killed.
 */
export function runCommand([program, ...words]: readonly [string, ...string[]]): Promise<string> {
  const options = { timeout: MEASURE_LIMIT_MS, killSignal: 'SIGKILL', maxBuffer: PRINTED_MAX_BYTES } as const
  return new Promise((resolve, reject) => {
    execFile(program, words, options, (error, printed, said) => {
      if (error === null) resolve(printed)
      else if (error.code === 'ENOENT') reject(new Error(`${program} is not installed, and the bench needs it`))
      else if (error.killed === true) reject(new Error(`${program} took longer than ${MEASURE_LIMIT_MS} ms`))
      else reject(new Error(`${program} failed: ${said.trim() || error.message}`))
    })
  })
}
