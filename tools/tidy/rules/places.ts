/** Nothing of one machine or one workplace: no absolute path of a checkout, no address of a package registry. */
import { join } from 'node:path'
import { offencesAt, type Rule } from '../rule.ts'

/** Folders in which people keep what is theirs, where a path begins with one. */
const HOMES = /(?<![\w.)\]}~*-])\/(?:home|root|Users|work|workspace|mnt|media)\/[\w.-]+/g

/** By the shape of their names, so that this file names none. */
const REGISTRIES =
  /\b(?:(?:registry|index|files|proxy|deb|ftp|archive|repo1?|static)\.(?:[a-z-]+\.)+(?:org|com|io|net|dev)|(?:pypi|crates|npmjs|rubygems)\.(?:org|io|com))\b/g

const checkout = join(import.meta.dirname, '../../..')

export const places: Rule = {
  name: 'places',
  asks: 'No absolute path of a machine, no host name of a package registry.',
  check: (tree) =>
    tree.files
      .filter(({ path }) => path !== 'LICENSE' && !path.startsWith('tools/tidy/'))
      .flatMap((file) => [
        ...offencesAt(file, HOMES, (match) => `${match} is a path of one machine: make it relative`),
        ...(file.text.includes(`${checkout}/`) ? [{ path: file.path, message: 'names this very checkout' }] : []),
        ...offencesAt(file, REGISTRIES, (match) => `${match} is a registry's host: leave it to the client's settings`),
      ]),
}
