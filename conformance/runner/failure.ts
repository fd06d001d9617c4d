/** How a case fails: the rule that is broken, a code that a list can pin, and words for people. */

/** What went wrong, as a word that known-failing lists and mutants name. */
export type FailureCode =
  /** A message of the side under test breaks the rule. */
  | 'breach'
  | 'wrong-type'
  | 'wrong-call'
  | 'wrong-field'
  | 'wrong-body'
  | 'wrong-order'
  /** Nothing came, for as long as the runner has patience. */
  | 'no-message'
  /** Something came where nothing may come. */
  | 'unexpected-message'
  /** The channel ended where a message was due. */
  | 'channel-ended'
  /** The channel did not end where it had to. */
  | 'no-end'
  | 'wrong-exit'
  | 'no-exit'
  | 'wrong-output'
  /** A child process holds what it must not. */
  | 'inherited'
  /** The case ran to its end and asserted nothing: a fault of the case. */
  | 'no-assertion'
  /** What the side under test left, or made, in the file system is wrong. */
  | 'wrong-file'
  /** What it left in shared memory is wrong. */
  | 'wrong-segment'

/** The side under test broke a rule. Ends the case. */
export class CaseFailure extends Error {
  override name = 'CaseFailure'
  readonly rule: string
  readonly code: FailureCode

  constructor(rule: string, code: FailureCode, message: string) {
    super(message)
    this.rule = rule
    this.code = code
  }
}

/** The case could not judge: the harness failed, or something that the case presupposes is missing. Never green. */
export class Inconclusive extends Error {
  override name = 'Inconclusive'
}
