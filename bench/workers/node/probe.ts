/** Takes a CPU profile of the process it runs in, of what lies between two requests. */
import { writeFile } from 'node:fs/promises'
import { Session } from 'node:inspector/promises'
import { PROFILE_INTERVAL_US } from '../../limits.ts'

export type ProbeRequest = { readonly do: 'profile' } | { readonly do: 'profile-end'; readonly file: string }

let session: Session | undefined

export async function probe(request: ProbeRequest): Promise<null> {
  if (request.do === 'profile') await begin()
  else await end(request.file)
  return null
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
