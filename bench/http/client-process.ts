/** The HTTP client of the bench, in a process of its own: both sides are measured by the same one. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Measurement } from '../measurement.ts'
import { answerAsPeer } from '../peer-answers.ts'
import { measurementOf } from '../samples.ts'
import type { HttpClientQuestions, HttpLoad } from './load.ts'
import { ResponseReader } from './response-reader.ts'

const MIB = 1024 * 1024

/** Largest sample, in nanoseconds. */
const SAMPLE_NS_MAX = 0xffff_ffff

/** Sockets that are open now; all are destroyed when a run ends. */
const sockets = new Set<Socket>()

answerAsPeer<HttpClientQuestions>({ run }, async () => closeAll())

/** A fixed number of sockets, each sending its next request when the answer to the last one is whole. */
async function run(load: HttpLoad): Promise<Measurement> {
  const request = requestBytes(load)
  const connected = await Promise.all(Array.from({ length: load.sockets }, () => open(load)))
  try {
    const begun = performance.now()
    const samplesNs = await drive(connected, request, load)
    const elapsedNs = (performance.now() - begun) * 1e6
    const times = measurementOf(samplesNs, elapsedNs)
    if (load.bodyBytes === 0) return times
    return { ...times, mibPerSecond: (load.count * load.answerBytes * 1e9) / MIB / elapsedNs }
  } finally {
    closeAll()
  }
}

function requestBytes({ host, port, path, bodyBytes }: HttpLoad): Buffer {
  const [method, length] = bodyBytes === 0 ? ['GET', ''] : ['POST', `Content-Length: ${bodyBytes}\r\n`]
  const head = `${method} ${path} HTTP/1.1\r\nHost: ${host}:${port}\r\n${length}\r\n`
  return Buffer.concat([Buffer.from(head, 'latin1'), Buffer.alloc(bodyBytes, 'm')])
}

async function open({ host, port }: HttpLoad): Promise<Socket> {
  const socket = connect({ host, port, noDelay: true })
  sockets.add(socket)
  await once(socket, 'connect')
  return socket
}

/**
 * Resolves to the times of all requests, in nanoseconds, to the last byte of the answer: from writing, or at a rate from
 * when the request was due, with the time that it waited for a free socket.
 */
function drive(connected: readonly Socket[], request: Buffer, load: HttpLoad): Promise<Uint32Array> {
  const { count, answerBytes, perSecond } = load
  const samplesNs = new Uint32Array(count)
  const idle: ((since: number) => void)[] = []
  const start = performance.now()
  let begun = 0
  let ended = 0
  /** When the next request is due; undefined: when a socket is free. */
  const due = (): number | undefined => (perSecond === undefined ? undefined : start + (begun * 1e3) / perSecond)
  const begin = (): void => {
    for (let now = performance.now(); begun < count && idle.length > 0; ) {
      const at = due() ?? now
      if (at > now) return
      begun += 1
      idle.pop()!(at)
      now = performance.now()
    }
  }
  return new Promise((resolve, reject) => {
    for (const socket of connected) {
      const reader = new ResponseReader()
      let since = 0
      const send = (at: number): void => {
        since = at
        socket.write(request)
      }
      const onData = (bytes: Buffer): void => {
        if (!reader.push(bytes)) return
        samplesNs[ended] = Math.min((performance.now() - since) * 1e6, SAMPLE_NS_MAX)
        ended += 1
        if (reader.bodyBytes !== answerBytes) {
          throw new Error(`an answer has ${reader.bodyBytes} bytes instead of ${answerBytes}`)
        }
        idle.push(send)
        if (ended === count) resolve(samplesNs)
        else begin()
      }
      socket.on('error', reject)
      socket.on('close', () => reject(new Error('the server closed a socket')))
      socket.on('data', (bytes) => {
        try {
          onData(bytes)
        } catch (error) {
          reject(error)
        }
      })
      idle.push(send)
    }
    begin()
    if (perSecond !== undefined) beginWhenDue(begin, () => begun === count)
  })
}

/** Looks at every turn of the event loop, as a timer would be late by up to a millisecond. Keeps a core busy. */
function beginWhenDue(begin: () => void, isDone: () => boolean): void {
  begin()
  if (!isDone() && sockets.size > 0) setImmediate(beginWhenDue, begin, isDone)
}

function closeAll(): void {
  for (const socket of sockets) socket.destroy()
  sockets.clear()
}
