import { expect, test } from '@jest/globals'
import { Random } from '@sluice/exchange-simulator/random'
import { describeWithKafka } from '@sluice/testkit/brokers'
import { isLong, sampleSeed } from '@sluice/testkit/seeds'
import { Confirmations, Contender, startOwners } from './contender.ts'
import { endSoundly } from './audit.ts'
import { until, withStand, type Stand } from './stand.ts'
import { RunningVenue } from './venue.ts'

const SEED = sampleSeed()
const RACES = isLong() ? 200 : 20
const EVALUATORS = 2
/** The whole of the crash, with races all along. */
const VENUE = {
  scenario: 'flash-crash',
  accounts: 80,
  steps: 800,
  speed: isLong() ? 4 : 40,
} as const

/** Two start at the same instant where an owner is at work: of one generation, or of two that follow each other. Who has won? */
async function race(owner: Contender, confirmations: Confirmations, apart: number) {
  const { place, generation } = owner
  const generations = [generation + 1, generation + 1 + apart]
  const rivals = await Promise.all(
    generations.map(each => Contender.open(place, each, confirmations)),
  )
  for (const rival of rivals) rival.start()
  const all = [owner, ...rivals]
  const isOver = () =>
    all.filter(each => each.hasLost).length === 2 && all.some(each => each.isOwner)
  await until('one of three owns the task, and the others have stopped', isOver)
  const losers = all.filter(each => each.hasLost)
  await Promise.all(losers.map(each => each.stop()))
  return all.find(each => each.isOwner) ?? owner
}

async function raceManyTimes(stand: Stand): Promise<void> {
  const random = new Random(SEED, 'races')
  const confirmations = new Confirmations()
  const owners = await startOwners(stand, confirmations)
  const venue = await RunningVenue.open(stand, { ...VENUE, seed: SEED })
  for (let number = 0; number < RACES; number += 1) {
    const index = random.below(owners.length)
    const owner = owners[index]!
    const winner = await race(owner, confirmations, random.below(2))
    if (process.env['DBG'])
      process.stderr.write(`${number} ${winner.place.service.name} ${performance.now()}\n`)
    stand.defer(() => winner.stop())
    expect(winner).not.toBe(owner)
    owners[index] = winner
  }
  const { report, audited } = await endSoundly(stand, venue, owners)
  expect(confirmations.twice()).toEqual([])
  console.info(
    `seed ${SEED}: ${RACES} races, ${audited.voidReceipts} void receipts, ${confirmations.size} confirmed, ${audited.liquidations} liquidations, ${report.ordersAccepted} orders`,
  )
}

describeWithKafka('two owners started at the same instant for the same task', kafka => {
  test(
    `${RACES} times: one wins, and nothing is emitted twice`,
    () => withStand({ brokers: kafka().brokers, evaluators: EVALUATORS }, raceManyTimes),
    isLong() ? 1_800_000 : 120_000,
  )
})
