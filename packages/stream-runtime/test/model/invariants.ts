import type { Model, Step } from './explore.ts'
import { inputsOf, World, type Bounds, type State } from './world.ts'
import type { Rules } from './rules.ts'

export interface Claims {
  /** Every how many states each owner is left alone to see whether the task comes to its end; 0: never. */
  readonly progressEvery: number
  /** Takeovers that an owner may lose in a row to a living one. */
  readonly lostClaimsMax?: number
}

/** The world with the claims that must hold in every state that can be reached. */
export class ProtocolModel implements Model<State> {
  readonly #world: World
  readonly #claims: Claims
  readonly #inputCount: number

  constructor(rules: Rules, bounds: Bounds, claims: Claims) {
    this.#world = new World(rules, bounds)
    this.#claims = claims
    this.#inputCount = bounds.partitions.flat().length
  }

  initial(): State {
    return this.#world.initial()
  }

  keyOf(state: State): string {
    return JSON.stringify(state)
  }

  next(state: State): readonly Step<State>[] {
    return this.#world.next(state)
  }

  faultOf(state: State, ordinal: number): string | undefined {
    const { progressEvery } = this.#claims
    const asksProgress = progressEvery > 0 && ordinal % progressEvery === 0
    return (
      this.#foldedOnce(state) ??
      this.#lossIsSeen(state) ??
      this.#beliefsHold(state) ??
      this.#nobodyStarves(state) ??
      (asksProgress ? this.#comesToItsEnd(state) : undefined)
    )
  }

  /** Each input is folded once, in its partition's order, on the history it is read after; a log that lost nothing has no fork. */
  #foldedOnce({ log, before }: State): string | undefined {
    const { history, misfit, fork } = this.#world.read(log)
    const inputs = inputsOf(history)
    if (new Set(inputs).size < inputs.length) return `an input is folded twice: ${history}`
    if (misfit !== undefined)
      return `${misfit.link.hash} was folded on [${misfit.basis}] and is read after something else: [${history}]`
    return fork && before === null ? 'a log that lost nothing looks forked' : undefined
  }

  /** What an owner takes for confirmed is what readers hold there. */
  #beliefsHold(state: State): string | undefined {
    if (state.before !== null) return undefined
    for (const [index, { ownership, history }] of state.owners.entries()) {
      if (ownership === null || (ownership.phase !== 'owning' && ownership.phase !== 'appending'))
        continue
      const held = this.#world.read(this.#world.prefix(state.log, ownership.cursor.offset)).history
      if (held !== history)
        return `${'ABC'[index]!} takes [${history}] for confirmed, readers hold [${held}]`
    }
    return undefined
  }

  /**
   * A reader that had read what was lost either stops, or holds what every other reader holds. (Where its offset now lies within a
   * batch, it finds an event instead of a receipt and stops as well.)
   */
  #lossIsSeen({ log, before }: State): string | undefined {
    if (before === null) return undefined
    const world = this.#world
    const offset = world.read(before).cursor.offset
    const again = world.prefix(log, offset)
    if (world.read(again).cursor.offset !== offset) return undefined
    let old = world.read(before)
    for (const id of log.slice(again.length)) old = world.readOn(old, world.entry(id))
    const fresh = world.read(log)
    const counted = fresh.cursor.head !== world.read(again).cursor.head
    const beyond = fresh.cursor.sequence > world.read(before).cursor.sequence
    if (old.fork || !counted || !beyond || old.history === fresh.history) return undefined
    return `after the loss an old reader holds [${old.history}] and goes on unaware, a new one [${fresh.history}]`
  }

  #nobodyStarves({ owners }: State): string | undefined {
    const { lostClaimsMax } = this.#claims
    const starved = owners.findIndex(({ lostClaims }) => lostClaims > (lostClaimsMax ?? Infinity))
    return starved < 0
      ? undefined
      : `${'ABC'[starved]!} lost ${owners[starved]!.lostClaims} takeovers in a row`
  }

  /** One owner alone, a prompt network, what others have under way landing never or at once: all inputs get folded. */
  #comesToItsEnd(state: State): string | undefined {
    if (state.before !== null) return undefined
    for (const index of state.owners.keys()) {
      for (const late of [false, true]) {
        const { history } = this.#world.read(this.#alone(state, index, late).log)
        if (inputsOf(history).length < this.#inputCount)
          return `${'ABC'[index]!}, left alone, never folds more than [${history}]`
      }
    }
    return undefined
  }

  #alone(state: State, index: number, late: boolean): State {
    let current = state
    for (let step = 0; step < 60; step += 1) {
      const next = this.#promptStep(current, index, late)
      if (next === undefined) break
      current = next
    }
    return current
  }

  #promptStep(state: State, index: number, late: boolean): State | undefined {
    const mine = state.requests.findIndex(({ owner, awaited }) => owner === index && awaited)
    const others = state.requests.findIndex(({ owner, awaited }) => owner !== index || !awaited)
    if (late && others >= 0) return this.#world.deliveries(state, others)[0]?.state
    if (mine >= 0) return this.#world.deliveries(state, mine)[0]?.state
    const owner = state.owners[index]!
    const waits = owner.ownership?.pending !== null && owner.ownership !== null
    if (waits && owner.answer < 0) return this.#resend(state, index)
    return this.#world.ownerSteps(state, index, true)[0]?.state
  }

  /** Rule 7: its answer was lost, so it sends the same again. */
  #resend(state: State, index: number): State {
    const owner = state.owners[index]!
    const entry = Number(owner.ownership!.pending!.hash.slice(1))
    const request = {
      entry,
      owner: index,
      awaited: true,
      producer: `${index}/${owner.starts}`,
      number: owner.appends,
    }
    return { ...state, requests: [...state.requests, request] }
  }
}
