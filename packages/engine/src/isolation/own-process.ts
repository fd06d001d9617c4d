/** What one process of a worker finds and may have, whatever its level: variables of the engine's, and rlimits. Pure. */
import type { Limits } from './level.ts'

/** Of the engine's environment, what programs need to find files, code, people and their language. Whole names, and beginnings. */
const NAMES = new Set([
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'TERM', 'TMPDIR', 'TZ', 'LANG', 'LANGUAGE', 'LD_LIBRARY_PATH'],
  ...['PYTHONPATH', 'PYTHONHOME', 'VIRTUAL_ENV', 'NODE_PATH', 'NODE_COMPILE_CACHE', 'NODE_DISABLE_COMPILE_CACHE'],
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR', 'NODE_EXTRA_CA_CERTS'],
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy'],
])
const BEGINNINGS = ['LC_', 'XDG_']

/** The unit of the shell's bound on files. */
const FILE_BLOCK_BYTES = 512

/** The variables that a worker at `process` gets of the engine's own; secrets come by the config alone. */
export function ownVariables(base: Readonly<Record<string, string | undefined>>): Record<string, string | undefined> {
  const isOwn = (name: string): boolean => NAMES.has(name) || BEGINNINGS.some((beginning) => name.startsWith(beginning))
  return Object.fromEntries(Object.entries(base).filter(([name]) => isOwn(name)))
}

/** Whether a limit is one of those that a cgroup holds. */
export function hasGroupLimits({ memoryBytes, cpus, pids }: Limits): boolean {
  return memoryBytes !== undefined || cpus !== undefined || pids !== undefined
}

/**
 * What a shell runs to hold a process and all that it starts to its limits; empty: nothing. Each also bounds dumps of memory:
 * none is written.
 */
export function rlimitScript({ openFiles, fileBytes }: Limits): string {
  const set = [
    ...(openFiles === undefined ? [] : [`ulimit -n ${openFiles}`]),
    ...(fileBytes === undefined ? [] : [`ulimit -f ${Math.ceil(fileBytes / FILE_BLOCK_BYTES)}`]),
  ]
  return set.length === 0 ? '' : `${['ulimit -c 0', ...set].join(' && ')} || exit 1; `
}

/** The same as the runtime specification has it. */
export function rlimitsOfBundle({ openFiles, fileBytes }: Limits): { type: string; hard: number; soft: number }[] {
  const all = [
    { type: 'RLIMIT_CORE', value: 0 },
    { type: 'RLIMIT_NOFILE', value: openFiles },
    { type: 'RLIMIT_FSIZE', value: fileBytes },
  ]
  return all.flatMap(({ type, value }) => (value === undefined ? [] : [{ type, hard: value, soft: value }]))
}

/** Why the rlimits cannot be set, when `hardOpenFiles` is the most that this process may give; undefined: they can. */
export function rlimitFault({ openFiles }: Limits, hardOpenFiles: number): string | undefined {
  if (openFiles === undefined || openFiles <= hardOpenFiles) return undefined
  return `limits.open_files is ${openFiles}, and this host gives ${hardOpenFiles} at most: lower it, or raise the engine's own by ulimit -Hn`
}
