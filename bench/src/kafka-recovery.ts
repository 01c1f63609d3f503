import { rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { ExchangeSimulator } from '@sluice/exchange-simulator/simulator'
import { VenueLink } from '@sluice/simulation/venue-link'
import { markAt, openingPrices } from './kafka-market.ts'
import type { KafkaWorld, ServiceProcess } from './kafka-world.ts'
import { MarkWriter } from './mark-writer.ts'

const ENOUGH_INPUTS = 20_000
const TICK_EVERY_MS = 1

/** Time from the assignment of the task to its taking over [ms]. */
export interface Recovery {
  readonly withLocalSnapshot: number
  readonly fromTheTopic: number
}

/**
 * A task of margin-evaluation with many accounts is killed with -9 while marks come in, and recovered by a process started anew: once with
 * its directory of snapshots, once without, from the topic.
 */
export async function recoveries(
  world: KafkaWorld,
  { accounts, marks }: { accounts: number; marks: number },
): Promise<Recovery> {
  const market = { kind: 'scenario', name: 'calm' } as const
  const simulator = new ExchangeSimulator({ market, accounts, seed: 1, mode: 'partial' })
  const opening = simulator.open()
  const directory = world.directory('snapshots')
  const settings = {
    SLUICE_SNAPSHOTS_DIRECTORY: directory,
    SLUICE_SNAPSHOTS_EVERY_INPUTS: String(ENOUGH_INPUTS),
  }
  const first = await world.start('margin-evaluation', settings)
  const link = new VenueLink(world.log, { layout: { evaluators: 1 }, recordedTo: -1 })
  await link.publish(0, opening)
  const writer = new MarkWriter(world.log)
  const prices = [...openingPrices(opening)]
  await tick(writer, { prices, marks })
  await first.untilLogged('snapshot saved')
  await tick(writer, { prices, marks: ENOUGH_INPUTS })
  await first.kill()
  const second = await world.start('margin-evaluation', settings)
  const withLocalSnapshot = await recoveryOf(second)
  await second.kill()
  await rm(directory, { recursive: true })
  const third = await world.start('margin-evaluation', settings)
  return { withLocalSnapshot, fromTheTopic: await recoveryOf(third) }
}

async function tick(
  writer: MarkWriter,
  { prices, marks }: { prices: readonly (readonly [string, number])[]; marks: number },
): Promise<void> {
  for (let number = 0; number < marks; number += 1) {
    for (const [instrument, ticks] of prices) writer.push(markAt(instrument, ticks + (number % 2)))
    if (number % 10 === 0) await sleep(TICK_EVERY_MS)
  }
  await writer.idle()
}

async function recoveryOf(service: ServiceProcess): Promise<number> {
  await service.ready()
  const assigned = await service.untilLogged('tasks assigned')
  const ready = await service.untilLogged('ready')
  return ready.time - assigned.time
}
