import { expect, test } from '@jest/globals'
import { Random } from '@sluice/exchange-simulator/random'
import { describeWithKafka } from '@sluice/testkit/brokers'
import { isLong, sampleSeed } from '@sluice/testkit/seeds'
import { Confirmations, Contender, until } from './contender.ts'
import { Market } from './market.ts'
import { verifyPrice } from './verify-price.ts'

const RACES = isLong() ? 200 : 20
const TIMEOUT_MS = isLong() ? 1_800_000 : 240_000

/**
 * Two start at the same instant where an owner is at work: of one generation of the group, or of two that follow each other. Prices
 * go on meanwhile. Answers who has won.
 */
async function race(market: Market, owner: Contender, started: () => Promise<Contender[]>) {
  const rivals = await started()
  for (const rival of rivals) rival.start()
  const all = [owner, ...rivals]
  await until('one of three owns the task, and the others have stopped', async () => {
    await market.step()
    return all.filter(each => each.hasLost).length === 2 && all.some(each => each.isOwner)
  })
  const [winner] = all.filter(each => each.isOwner)
  if (winner === undefined) throw new Error('nobody owns the task')
  const { sequence } = winner
  await until('the winner has appended', async () => {
    await market.step()
    return winner.sequence > sequence
  })
  await Promise.all(all.filter(each => each !== winner).map(each => each.stop()))
  return winner
}

async function raceManyTimes(market: Market, seed: number): Promise<void> {
  const random = new Random(seed, 'races')
  const confirmations = new Confirmations()
  const open = (generation: number) => Contender.open(market, generation, confirmations)
  let owner = await open(1)
  owner.start()
  for (let number = 0; number < RACES; number += 1) {
    const later = owner.generation + 1
    const generations = [later, later + random.below(2)]
    const before = owner
    owner = await race(market, before, () => Promise.all(generations.map(open)))
    expect(owner).not.toBe(before)
  }
  await owner.stop()
  expect(confirmations.twice()).toEqual([])
  const { receipts, voidReceipts, events } = await verifyPrice(market)
  process.stdout.write(
    `seed ${seed}: ${RACES} races, ${receipts} receipts valid, ${voidReceipts} void, ${events} events, none twice\n`,
  )
}

describeWithKafka('two owners started at the same instant for the same task', kafka => {
  test(
    `${RACES} times: one wins, and nothing is emitted twice`,
    async () => {
      const seed = sampleSeed()
      const market = await Market.open(kafka().brokers, seed)
      try {
        await raceManyTimes(market, seed)
      } finally {
        await market.close()
      }
    },
    TIMEOUT_MS,
  )
})
