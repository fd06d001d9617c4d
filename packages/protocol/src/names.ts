import { NAME_BYTES_MAX } from './generated/layout.ts'

const FORM = /^[A-Za-z0-9][A-Za-z0-9._-]*$/

/** Whether a text may name a function: rule `name-form`. */
export function isFunctionName(name: string): boolean {
  return name.length <= NAME_BYTES_MAX && FORM.test(name)
}
