/** What `look` finds; undefined: the file, directory or process was never there, or went while it was looked at. Throws every other error. */
export function unlessGone<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (code !== 'ENOENT' && code !== 'ESRCH') throw error
    return undefined
  }
}
