/** Looks at the process it runs in: CPU time, and a CPU profile of what lies between two requests. */
import { writeFile } from 'node:fs/promises'
import { Session } from 'node:inspector/promises'
import { PROFILE_INTERVAL_US } from '../limits.ts'

export type ProbeRequest =
  | { readonly do: 'cpu' }
  | { readonly do: 'profile' }
  | { readonly do: 'profile-end'; readonly file: string }

/** User and system time of this process so far, in microseconds. */
export interface ProbeAnswer {
  readonly cpuUs: number
}

let session: Session | undefined

export async function probe(request: ProbeRequest): Promise<ProbeAnswer> {
  if (request.do === 'profile') await begin()
  else if (request.do === 'profile-end') await end(request.file)
  const { user, system } = process.cpuUsage()
  return { cpuUs: user + system }
}

async function begin(): Promise<void> {
  session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.setSamplingInterval', { interval: PROFILE_INTERVAL_US })
  await session.post('Profiler.start')
}

async function end(file: string): Promise<void> {
  if (session === undefined) throw new Error('no profile was begun')
  const { profile } = await session.post('Profiler.stop')
  session.disconnect()
  session = undefined
  await writeFile(file, JSON.stringify(profile))
}
