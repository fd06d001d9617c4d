/**
 * The fuzzer of the wire. Its contract: any bytes, cut anywhere, give messages or a verdict that names a rule of
 * `spec/requirements.json`; never another exception.
 *
 *   node packages/protocol/src/wire.fuzz.ts [--seed N] [--rounds N] [--canary]
 *
 * `--seed`: 0 to 2^32-1; a bare run picks one and prints it first. `--rounds`: streams to try, 10,000 unless told.
 * `--canary`: breaks the contract on purpose in one message of each round, so that a green run means something.
 * Exit codes: 0 the contract held, 1 it did not, with the seed and round that show it again.
 */
import { parseArgs } from 'node:util'
import { ColdSpan } from './cold-span.ts'
import {
  BODY_BYTES,
  COLD_MESSAGE_BYTES_MAX,
  FLAGS_ALLOWED,
  MESSAGE_BYTES,
  MessageType,
  TYPES,
} from './generated/layout.ts'
import { golden, goldenStreams, goldenVectors, judgeBody, ruleIds } from './golden.ts'
import { MessageAssembler } from './message-assembler.ts'
import type { MessageView } from './message-view.ts'
import { cuts, Random } from './random.ts'
import { ACCEPT, IGNORE, judge, type Sender, type Verdict } from './verdict.ts'

/** Most messages in one stream. */
const MESSAGES_PER_STREAM_MAX = 24
/** Most parts of a span put into a stream: more than a cold message may have. */
const SPAN_PARTS_MAX = 80
/** Most mutations of one stream. */
const MUTATIONS_MAX = 12

/** What a run saw, so that a fuzzer that reaches nothing is noticed. */
export interface FuzzCounts {
  rounds: number
  messages: number
  accepted: number
  ignored: number
  bodies: number
  /** Verdicts by rule. */
  readonly verdicts: Map<string, number>
}

/** Judges every message twice; the canary gives one of them a rule that no spec has. */
type Judge = typeof judge

/** Thrown when the contract does not hold; its message has what is needed to see it again. */
export class ContractBroken extends Error {
  override readonly name = 'ContractBroken'
}

/**
 * Tries `rounds` streams that `seed` determines. Throws ContractBroken at the first that breaks the contract.
 * The same seed and rounds give the same counts.
 */
export function fuzz(seed: number, rounds: number, judged: Judge = judge): FuzzCounts {
  const random = new Random(seed)
  const rules = ruleIds()
  const seeds = { worker: seedsOf('worker'), engine: seedsOf('engine') }
  const counts: FuzzCounts = { rounds: 0, messages: 0, accepted: 0, ignored: 0, bodies: 0, verdicts: new Map() }
  for (let round = 0; round < rounds; round += 1) {
    const sender = random.pick<Sender>(['engine', 'worker'])
    const bytes = stream(random, seeds[sender])
    const longest = random.below(16) === 0 ? 1 : random.pick([100, 1000, 5000])
    try {
      feed(cuts(random, bytes, longest), sender, rules, counts, judged)
    } catch (error) {
      const what = error instanceof Error ? (error.stack ?? error.message) : String(error)
      throw new ContractBroken(`seed ${seed}, round ${round}, bytes from the ${sender}: ${what}`)
    }
    counts.rounds += 1
  }
  return counts
}

/** Golden messages of one side: those that are accepted, and the others, which end a stream. */
interface Seeds {
  readonly good: readonly Uint8Array[]
  readonly bad: readonly Uint8Array[]
}

function seedsOf(sender: Sender): Seeds {
  const own = goldenVectors().filter((vector) => vector.sender === sender)
  const parts = goldenStreams().flatMap((one) => (one.result === 'accept' ? one.messages : []))
  return {
    good: [
      ...own.filter((vector) => vector.result !== 'reject'),
      ...parts.filter((part) => part.sender === sender),
    ].map(golden),
    bad: own.filter((vector) => vector.result === 'reject').map(golden),
  }
}

/** Golden messages one after the other, mutated, and sometimes noise, a long span or a cut end. */
function stream(random: Random, { good, bad }: Seeds): Uint8Array {
  const messages = Array.from({ length: 1 + random.below(MESSAGES_PER_STREAM_MAX) }, () => {
    if (random.below(64) === 0) return Uint8Array.from({ length: MESSAGE_BYTES }, () => random.below(256))
    return random.below(24) === 0 ? random.pick(bad) : random.pick(good)
  })
  const spans = good.filter((message) => TYPES[message[0]!]?.spans === true)
  if (random.below(16) === 0) {
    const part = fullPart(random.pick(spans))
    messages.splice(random.below(messages.length), 0, ...new Array<Uint8Array>(random.below(SPAN_PARTS_MAX)).fill(part))
  }
  const bytes = new Uint8Array(Buffer.concat(messages))
  // Half of the streams stay as they are, so that they get far.
  for (let i = random.below(2) * random.below(MUTATIONS_MAX); i > 0; i -= 1) {
    // Three in four mutations hit a header: bodies are long and mostly payload.
    const base = random.below(messages.length) * MESSAGE_BYTES
    const at = base + random.below(random.below(4) === 0 ? MESSAGE_BYTES : 64)
    bytes[at] = random.pick([0, 1, 0x7f, 0x80, 0xff, bytes[at]! ^ (1 << random.below(8)), random.below(256)])
  }
  return random.below(4) === 0 ? bytes.subarray(0, random.below(bytes.length + 1)) : bytes
}

/** A message of a spanning type as a full part that goes on, so that spans grow up to their bound. */
function fullPart(message: Uint8Array): Uint8Array {
  const part = message.slice()
  part[1] = 1
  new DataView(part.buffer).setUint16(2, BODY_BYTES, true)
  return part
}

function feed(
  pieces: readonly Uint8Array[],
  sender: Sender,
  rules: ReadonlySet<string>,
  counts: FuzzCounts,
  judged: Judge,
): void {
  const span = new ColdSpan()
  const note = (verdict: Verdict): false => {
    if (!rules.has(verdict.rule)) throw new Error(`the rule ${verdict.rule} is not in spec/requirements.json`)
    if (verdict.message.length === 0) throw new Error(`the verdict on ${verdict.rule} says nothing`)
    counts.verdicts.set(verdict.rule, (counts.verdicts.get(verdict.rule) ?? 0) + 1)
    return false
  }
  const assembler = new MessageAssembler({
    onMessage(view) {
      counts.messages += 1
      const verdict = judged(view, sender)
      if (verdict === IGNORE) {
        if (view.type < 0x80 || TYPES[view.type] !== undefined) throw new Error(`${view} was ignored`)
        counts.ignored += 1
        return true
      }
      if (verdict !== ACCEPT) return note(verdict)
      counts.accepted += 1
      checkAccepted(view)
      const whole = takeBody(view, span)
      if (whole === undefined) return true
      if (!(whole instanceof Uint8Array)) return note(whole)
      if (whole.length > COLD_MESSAGE_BYTES_MAX) throw new Error(`a cold body of ${whole.length} bytes`)
      counts.bodies += 1
      const body = judgeBody(view, sender, whole)
      return body === ACCEPT ? true : note(body)
    },
  })
  for (const piece of pieces) assembler.push(piece)
  if (assembler.pendingBytes >= MESSAGE_BYTES) throw new Error(`${assembler.pendingBytes} bytes are pending`)
}

/** What must hold of every accepted message, so that code behind the judge may rely on it. */
function checkAccepted(view: MessageView): void {
  if (TYPES[view.type] === undefined) throw new Error(`unknown type ${view.type} was accepted`)
  if (view.bodyLength > BODY_BYTES || view.body.length !== view.bodyLength)
    throw new Error(`${view} has a body beyond the message`)
  if ((view.flags & ~FLAGS_ALLOWED[view.type]!) !== 0)
    throw new Error(`${view} has a flag that its type does not allow`)
  if (view.type === MessageType.INVOKE && view.callId === 0) throw new Error(`${view} has no id`)
  if (`${view}`.length === 0) throw new Error('a message prints as nothing')
}

function takeBody(view: MessageView, span: ColdSpan): Uint8Array | Verdict | undefined {
  const info = TYPES[view.type]!
  if (span.open || info.spans) return span.take(view)
  return info.body === 'none' || info.body === 'payload' ? undefined : view.body.slice()
}

/** A judge with a fault in it: what the fuzzer must find. */
export const canary: Judge = (view, sender) => {
  const verdict = judge(view, sender)
  return typeof verdict === 'string' ? verdict : { ...verdict, rule: ['canary', 'sings'].join('-') }
}

/** For `tools/test/fuzz.ts`, which runs every fuzzer of the repository. */
export const fuzzer = {
  contract:
    'Any bytes, cut anywhere, give messages or a verdict that names a rule of the spec; never another exception.',
  smokeRounds: 2_000,
  run(seed: number, rounds: number): void {
    fuzz(seed, rounds)
  },
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { seed: { type: 'string' }, rounds: { type: 'string' }, canary: { type: 'boolean' } },
  })
  const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(values.seed)
  const rounds = Number(values.rounds ?? 10_000)
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32 || !Number.isInteger(rounds) || rounds < 1) {
    console.error('--seed takes an integer from 0 to 4294967295, --rounds one from 1 on')
    process.exit(2)
  }
  console.log(`seed ${seed}, ${rounds} rounds`)
  try {
    const counts = fuzz(seed, rounds, values.canary === true ? canary : judge)
    console.log(
      `${counts.messages} messages, ${counts.accepted} accepted, ${counts.ignored} ignored, ${counts.bodies} bodies`,
    )
    for (const [rule, count] of [...counts.verdicts].sort()) console.log(`${String(count).padStart(8)} ${rule}`)
  } catch (error) {
    if (!(error instanceof ContractBroken)) throw error
    console.error(error.message)
    process.exitCode = 1
  }
}
