import { checkPipe } from './check-pipe.ts'
import { MemoryPipe } from './memory-pipe.ts'
import { Dice } from './schedule.ts'

const later = (run: () => void): void => void setImmediate(run)

checkPipe('a memory pipe', () => new MemoryPipe(later))

const dice = new Dice(1)
checkPipe('a memory pipe that cuts anywhere', () => {
  return new MemoryPipe(later, { capacityBytes: 50_000, cut: (available) => 1 + dice.below(available) })
})
