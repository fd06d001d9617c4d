/** A zygote seen from the engine, over memory pipes and a clock that moves when told: whatever it does, no order is lost. */
import { MessageType } from '@millrace/protocol'
import { decodeBody, decodePrefixed, ForkSchema, GoodbyeSchema } from '@millrace/protocol/cold'
import { expect, test } from 'vitest'
import { FORK_ANSWER_US_MAX, ZYGOTE_START_US_MAX } from '../base/limits.ts'
import { Flusher } from '../channel/flusher.ts'
import { FlushingClock } from '../channel/flushing-clock.ts'
import { Dice, MemoryLauncher, Schedule, ScriptedWorker } from '../testing/index.ts'
import { type ForkOrder, Zygote } from './zygote.ts'

const REQUEST = { program: 'p', workerId: 1, command: ['x', '--zygote'], cwd: undefined, env: {}, token: 'secret' }

/** A zygote that was launched, its other side, and what it told. */
class Rig {
  readonly schedule = new Schedule(new Dice(1))
  readonly told: string[] = []
  readonly zygote: Zygote
  /** The other side of the channel. */
  peer!: ScriptedWorker

  constructor(play: (peer: ScriptedWorker) => void = (peer) => peer.hello({ features: ['fork'] })) {
    const { later, clock } = this.schedule
    const launcher = new MemoryLauncher(later, {
      p: (process) => {
        this.peer = new ScriptedWorker(process)
        play(this.peer)
      },
    })
    const flusher = new Flusher(later)
    const tell = (what: string): void => void this.told.push(what)
    this.zygote = new Zygote(
      {
        clock: new FlushingClock(clock, flusher),
        flusher,
        launch: (request, listener) => launcher.launch(request, listener),
        ready: () => tell('ready'),
        lost: (why) => tell(`lost: ${why}`),
        ended: () => tell('ended'),
        idle: () => tell('idle'),
        output: (_, line) => tell(line),
      },
      REQUEST,
    )
  }

  order(name: string): ForkOrder {
    return {
      channelIn: `${name}.in`,
      channelOut: `${name}.out`,
      token: `token of ${name}`,
      forked: (pid) => void this.told.push(`${name} forked ${pid}`),
      failed: () => void this.told.push(`${name} failed`),
      exited: (code) => void this.told.push(`${name} exited ${code}`),
      orphaned: () => void this.told.push(`${name} orphaned`),
    }
  }

  forked(pid: number, status = 0): void {
    this.peer.send(MessageType.FORKED, (message) => {
      message.pid = pid
      message.status = status
    })
  }

  exited(pid: number, exitCode: number): void {
    this.peer.send(MessageType.EXITED, (message) => {
      message.pid = pid
      message.exitCode = exitCode
    })
  }

  /** The rule that the engine's GOODBYE names. */
  get rule(): string | undefined {
    const [goodbye] = this.peer.of(MessageType.GOODBYE)
    return goodbye === undefined ? undefined : decodePrefixed(GoodbyeSchema, goodbye.body)?.rule
  }
}

test('orders given before HELLO are sent after WELCOME, in their order, and answered in it', async () => {
  const rig = new Rig()
  rig.zygote.fork(rig.order('a'))
  rig.zygote.fork(rig.order('b'))
  await rig.schedule.settle()
  expect(rig.peer.received.map(({ type }) => type)).toEqual([MessageType.WELCOME, MessageType.FORK, MessageType.FORK])
  const forks = rig.peer.of(MessageType.FORK).map(({ body }) => decodeBody(ForkSchema, body))
  expect(forks[0]).toMatchObject({ channelIn: 'a.in', channelOut: 'a.out', token: 'token of a' })
  rig.forked(70)
  rig.forked(0, 8)
  rig.exited(70, 137)
  await rig.schedule.settle()
  expect(rig.told).toEqual(['ready', 'a forked 70', 'b failed', 'a exited 137', 'idle'])
})

test('an order that was not sent can be taken back', async () => {
  const rig = new Rig(() => {})
  const order = rig.order('a')
  rig.zygote.fork(order)
  expect(rig.zygote.cancel(order)).toBe(true)
  await rig.schedule.settle()
  rig.peer.hello({ features: ['fork'] })
  await rig.schedule.settle()
  expect(rig.peer.of(MessageType.FORK)).toEqual([])
  rig.zygote.fork(order)
  expect(rig.zygote.cancel(order)).toBe(false)
})

test('a FORK that is not answered in time ends the zygote; every open order fails, its children are orphans', async () => {
  const rig = new Rig()
  for (const name of ['a', 'b', 'c']) rig.zygote.fork(rig.order(name))
  await rig.schedule.settle()
  await rig.schedule.pass(FORK_ANSWER_US_MAX - 1)
  rig.forked(70)
  // The next in line has all of its time from here on.
  await rig.schedule.pass(FORK_ANSWER_US_MAX - 1)
  expect(rig.told).toEqual(['ready', 'a forked 70'])
  await rig.schedule.pass(1)
  expect(rig.told.slice(2)).toEqual([
    'lost: did not answer FORK within 5 s',
    'b failed',
    'c failed',
    'a orphaned',
    'ended',
  ])
})

test('a zygote that says no HELLO in time is ended, and its orders fail', async () => {
  const rig = new Rig(() => {})
  rig.zygote.fork(rig.order('a'))
  await rig.schedule.pass(ZYGOTE_START_US_MAX)
  expect(rig.told).toEqual(['lost: said no HELLO within 30 s', 'a failed', 'ended'])
})

test.each<[string, (peer: ScriptedWorker) => void]>([
  ['names functions', (peer) => peer.hello({ features: ['fork'], functions: ['f'] })],
  ['does not offer fork', (peer) => peer.hello({ features: [] })],
])('a zygote that %s is told the rule, and its orders fail', async (_, play) => {
  const rig = new Rig(play)
  rig.zygote.fork(rig.order('a'))
  await rig.schedule.settle()
  expect(rig.rule).toBe('fork-no-functions')
  expect(rig.told.slice(-1)).toEqual(['a failed'])
})

test.each<[string, string, (rig: Rig) => void]>([
  ['answers what was not asked', 'fork-answered', (rig) => rig.forked(1)],
  ['tells of an end that it has not begun', 'fork-exited', (rig) => rig.exited(1, 0)],
  ['sends a PONG', 'pong-open', (rig) => rig.peer.send(MessageType.PONG, () => {})],
  ['makes a call', 'feature-accepted', (rig) => void rig.peer.invoke(1, new Uint8Array(0))],
  ['answers a call', 'call-id-known', (rig) => rig.peer.result(2, new Uint8Array(0))],
])('a zygote that %s is told the rule %s', async (_, rule, act) => {
  const rig = new Rig()
  await rig.schedule.settle()
  act(rig)
  await rig.schedule.settle()
  expect(rig.rule).toBe(rule)
  expect(rig.told[1]).toContain(`lost: broke the rule ${rule}`)
})

test('an answer with neither process nor status fails its order, too', async () => {
  const rig = new Rig()
  rig.zygote.fork(rig.order('a'))
  await rig.schedule.settle()
  rig.forked(0)
  await rig.schedule.settle()
  expect(rig.rule).toBe('fork-failed')
  expect(rig.told.slice(2)).toEqual(['a failed'])
})

test('drained, it is asked to end, and one that does not is ended', async () => {
  const rig = new Rig((peer) => {
    peer.hello({ features: ['fork'] })
    peer.onMessage = ({ type }) => {
      if (type === MessageType.DRAIN) peer.leave()
    }
  })
  await rig.schedule.settle()
  rig.zygote.drain()
  rig.zygote.drain()
  await rig.schedule.settle()
  expect(rig.told).toEqual(['ready', 'lost: undefined', 'ended'])
  const deaf = new Rig()
  await deaf.schedule.settle()
  deaf.zygote.drain()
  await deaf.schedule.until(() => deaf.told.includes('ended'))
  expect(deaf.told).toEqual(['ready', 'lost: undefined', 'ended'])
})
