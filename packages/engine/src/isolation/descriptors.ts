/** Descriptors that a child would inherit by mistake. One of the few files that touch the OS. */
import { openSync, readdirSync, readFileSync } from 'node:fs'

const O_CLOEXEC = 0o2000000
const STANDARD = 3

/**
 * The rest of a child's `stdio`, from descriptor 3 on: first `given`, then the null device in the place of each
 * descriptor that whoever started the engine left open for its children.
 */
export function stdioAfter(given: readonly number[]): (number | 'ignore')[] {
  const rest: (number | 'ignore')[] = [...given]
  const { stray, nullDevice } = strayDescriptors()
  for (const fd of stray) {
    const index = fd - STANDARD
    if (index < given.length) continue
    while (rest.length <= index) rest.push('ignore') // Nothing: the child has no such descriptor.
    rest[index] = nullDevice
  }
  return rest
}

let known: { readonly stray: readonly number[]; readonly nullDevice: number } | undefined

/** Those of this process. All that it opens itself closes at exec, so they are found once. */
function strayDescriptors(): { readonly stray: readonly number[]; readonly nullDevice: number } {
  known ??= { stray: readdirSync('/proc/self/fd').map(Number).filter(isStray), nullDevice: openSync('/dev/null', 'r+') }
  return known
}

function isStray(fd: number): boolean {
  if (fd < STANDARD) return false
  try {
    const flags = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1]
    return flags !== undefined && (Number.parseInt(flags, 8) & O_CLOEXEC) === 0
  } catch {
    return false // It was the descriptor of the directory itself.
  }
}
