/**
 * The fixture of the conformance suite: an ordinary worker of this SDK with the functions `echo` and `interp`. With
 * `--prewarm` the SDK's host takes its place, and LOAD brings the functions.
 */
import { serve } from '@millrace/sdk'

if (process.argv.includes('--prewarm')) await import('../src/host.ts')
else await serve(await import('./functions.ts'))
