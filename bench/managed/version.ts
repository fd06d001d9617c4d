/** A worker that answers with the number of its version, from the environment. */
import { fn, serve } from '@millrace/sdk'

const number = process.env.VERSION ?? '?'

await serve({ version: fn('version', () => number) })
