/** The lock file says what the packages ask, and versions are exact: a fresh checkout installs what was tested. */
import type { Offence, Rule } from '../rule.ts'

const LOCK = 'package-lock.json'
const EXACT = /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/
const KINDS = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'] as const

type Manifest = Partial<Record<(typeof KINDS)[number], Record<string, string>>>

export const lock: Rule = {
  name: 'lock',
  asks: `Dependencies have exact versions, and ${LOCK} has the same.`,
  check(tree) {
    const locked = (JSON.parse(tree.file(LOCK)?.text ?? '{"packages":{}}') as { packages: Record<string, Manifest> })
      .packages
    const manifests = tree.files.filter(({ path }) => /^(packages\/[\w-]+\/)?package\.json$/.test(path))
    return manifests.flatMap(({ path, text }): Offence[] => {
      const manifest = JSON.parse(text) as Manifest
      const entry = locked[path.replace(/\/?package\.json$/, '')]
      return KINDS.flatMap((kind) => {
        const wanted = manifest[kind] ?? {}
        const present = entry?.[kind] ?? {}
        const loose = Object.entries(wanted).filter(([, version]) => !EXACT.test(version))
        const names = new Set([...Object.keys(wanted), ...Object.keys(present)])
        const drifted = [...names].filter((name) => wanted[name] !== present[name])
        return [
          ...loose.map(([name, version]) => ({ path, message: `${name} ${version}: say one exact version` })),
          ...drifted.map((name) => ({ path: LOCK, message: `differs from ${path} on ${name}: run npm install` })),
        ]
      })
    })
  },
}
