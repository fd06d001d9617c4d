/** `millrace version`: what is installed. */
import { PROTOCOL_VERSION } from '@millrace/protocol'
import { ExitCode } from '../exit-code.ts'
import type { VersionArgs } from '../options.ts'
import type { Terminal } from '../terminal.ts'
import { VERSION } from '../version.ts'

export async function version(args: VersionArgs, terminal: Terminal): Promise<ExitCode> {
  const node = process.versions.node
  const platform = `${process.platform}-${process.arch}`
  if (args.output === 'json') {
    terminal.line(JSON.stringify({ millrace: VERSION, protocol: PROTOCOL_VERSION, node, platform }))
  } else {
    terminal.line(`millrace ${VERSION} (protocol ${PROTOCOL_VERSION}, node ${node}, ${platform})`)
  }
  return ExitCode.ok
}
