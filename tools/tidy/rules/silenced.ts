/** No checker is silenced and no test is set aside. */
import { offencesAt, type Rule } from '../rule.ts'
import { isGenerated } from '../tree.ts'

const SILENCED =
  /biome-ignore|@ts-(?:ignore|expect-error|nocheck)|eslint-disable|# ?noqa|# ?type: ?ignore|# ?pyright: ?ignore|\bNOLINT|\/\/ ?nolint|(?:istanbul|c8|v8) ignore|pragma: no cover|clang-format off|shellcheck disable|-Wno-(?!error=)/g
const SET_ASIDE =
  /\b(?:it|test|describe)\.(?:skip|only|todo|fails)\b|\bxit\(|@unittest\.(?:skip|expectedFailure)|\bt\.Skip\(/g

export const silenced: Rule = {
  name: 'silenced',
  asks: 'No checker is silenced, no test is set aside.',
  check: (tree) =>
    tree.files
      .filter(({ path }) => !isGenerated(path) && !path.startsWith('tools/tidy/'))
      .flatMap((file) => [
        ...offencesAt(file, SILENCED, (match) => `“${match}” silences a checker: mend what it says`),
        ...offencesAt(file, SET_ASIDE, (match) => `“${match}” sets a test aside: mend it or take it out`),
      ]),
}
