/** The floor of the HTTP measurements: node:http with nothing behind it. `GET` says hello, `POST` sends the body back. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { answerAsPeer } from '../peer-answers.ts'
import { ownCpuUs } from '../processes.ts'
import { HELLO } from './hello.ts'

/** What the bare server can be asked. */
export type BareServerQuestions = {
  readonly address: { readonly ask: null; readonly answer: { readonly host: string; readonly port: number } }
  /** CPU time so far, in microseconds. */
  readonly cpu: { readonly ask: null; readonly answer: number }
}

const HOST = '127.0.0.1'

const server = createServer((request, response) => {
  if (request.method === 'GET') {
    response.end(HELLO)
    return
  }
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => response.end(Buffer.concat(chunks)))
})
const listening = new Promise<void>((resolve, reject) => {
  server.once('error', reject)
  server.listen(0, HOST, resolve)
})

answerAsPeer<BareServerQuestions>(
  {
    address: async () => {
      await listening
      return { host: HOST, port: (server.address() as AddressInfo).port }
    },
    cpu: ownCpuUs,
  },
  async () => server.closeAllConnections(),
)
