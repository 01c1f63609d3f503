import type { Clock } from '@sluice/stream-runtime/clock'
import { DeadLetterForwarder, type DeadLetterStore } from '@sluice/stream-kafka/dead-letters'
import type { HostProcess } from './host-process.ts'
import type { Handle } from './logs.ts'
import type { Roster } from './roster.ts'
import { openPlace, type TaskSlot } from './task-slot.ts'

const FORWARD_EVERY_MS = 1000

export interface ForwardOptions {
  readonly store: DeadLetterStore | undefined
  readonly roster: Roster
  readonly clock: Clock
}

/**
 * Copies what the tasks of this process refuse to the dead letters, until the signal aborts. They are a copy for people: where they cannot be
 * written, that is logged, and forwarding begins anew from what is there.
 */
export async function forwardDeadLetters(
  { logger }: HostProcess,
  { store, roster, clock }: ForwardOptions,
  signal: AbortSignal,
): Promise<void> {
  if (store === undefined) return
  const forwarding: Forwardings = new Map()
  const giveUp = () => void closeAll(forwarding)
  signal.addEventListener('abort', giveUp, { once: true })
  while (!signal.aborted) {
    for (const slot of roster.slots) {
      try {
        const count = await advance(forwarding, { slot, store })
        if (count > 0) logger.info({ task: slot.name, count }, 'refused records forwarded')
      } catch (error) {
        await closeOne(forwarding, slot)
        logger.warn({ error, task: slot.name }, 'refused records are not forwarded now')
      }
    }
    await clock.wait(FORWARD_EVERY_MS, signal)
  }
  signal.removeEventListener('abort', giveUp)
  await closeAll(forwarding)
}

type Forwardings = Map<TaskSlot, Forwarding>

async function advance(
  forwarding: Forwardings,
  { slot, store }: { slot: TaskSlot; store: DeadLetterStore },
): Promise<number> {
  if (slot.task?.isReady !== true) {
    await closeOne(forwarding, slot)
    return 0
  }
  const current = forwarding.get(slot) ?? new Forwarding(slot, store)
  forwarding.set(slot, current)
  return current.advance()
}

async function closeOne(forwarding: Forwardings, slot: TaskSlot): Promise<void> {
  const known = forwarding.get(slot)
  forwarding.delete(slot)
  await known?.close()
}

async function closeAll(forwarding: Forwardings): Promise<void> {
  for (const slot of [...forwarding.keys()]) await closeOne(forwarding, slot)
}

/**
 * One task's, on a handle of its own, opened at its first turn. That handle reads what the task wrote; the inputs, which are fetched enough
 * by the task itself, only in a turn that finds something refused.
 */
class Forwarding {
  readonly #slot: TaskSlot
  readonly #store: DeadLetterStore
  #own: Handle | undefined
  #origins: Promise<Handle> | undefined
  #forwarder: DeadLetterForwarder | undefined

  constructor(slot: TaskSlot, store: DeadLetterStore) {
    this.#slot = slot
    this.#store = store
  }

  async advance(): Promise<number> {
    this.#forwarder ??= await this.#open()
    try {
      return await this.#forwarder.advance()
    } finally {
      await this.#closeOrigins()
    }
  }

  async close(): Promise<void> {
    await this.#own?.close()
    this.#own = undefined
    await this.#closeOrigins()
  }

  async #open(): Promise<DeadLetterForwarder> {
    const { place } = this.#slot
    const tasks = [{ topic: place.service.name, partition: place.partition }]
    this.#own = await place.logs.open(tasks)
    const origins = async () => (await (this.#origins ??= openPlace(place))).log
    return new DeadLetterForwarder({ log: this.#own.log, store: this.#store, tasks, origins })
  }

  async #closeOrigins(): Promise<void> {
    const opened = this.#origins
    this.#origins = undefined
    await (await opened?.catch(() => undefined))?.close()
  }
}
