import { genesis, type ChainCursor, type ReceiptLink } from '../../src/chain.ts'
import {
  found,
  newOwnership,
  send,
  settleTail,
  type OwnerPhase,
  type Ownership,
} from '../../src/owner.ts'
import type { Step } from './explore.ts'
import type { Rules } from './rules.ts'

/** A receipt in the model's log. `basis` is the history that its writer believed in when it folded `inputs`. */
export interface Entry {
  readonly id: number
  readonly link: ReceiptLink
  readonly inputs: readonly string[]
  readonly basis: string
}

export interface Owner {
  /** null: down. */
  readonly ownership: Ownership | null
  /** Inputs that it takes for folded and confirmed. */
  readonly history: string
  /** Offset in the last answer, -1: none. */
  readonly answer: number
  readonly appends: number
  readonly starts: number
  readonly crashes: number
  readonly resends: number
  /** Takeovers lost in a row. */
  readonly lostClaims: number
}

/** An append under way. It may land at any time, also after its sender has given it up. */
export interface Request {
  readonly entry: number
  readonly owner: number
  readonly awaited: boolean
  /** For a broker that recognises repeats: producer and its sequence number. */
  readonly producer: string
  readonly number: number
}

export interface State {
  readonly log: readonly number[]
  readonly requests: readonly Request[]
  readonly owners: readonly Owner[]
  readonly generation: number
  readonly answersLost: number
  /** The log before its last batch was lost; null: nothing was. */
  readonly before: readonly number[] | null
  /** What an idempotent broker remembers: the last append of each producer. */
  readonly repeats: Readonly<Record<string, { number: number; base: number }>>
}

export interface Bounds {
  readonly owners: number
  /** Inputs of each partition, in order. */
  readonly partitions: readonly (readonly string[])[]
  readonly batchMax: number
  readonly starts: number
  /** Crashes, resends and lost answers together. */
  readonly faults: number
  readonly losesOneBatch?: boolean
  readonly idempotentBroker?: boolean
}

/** What a reader from the beginning holds. */
export interface Reading {
  readonly cursor: ChainCursor
  readonly history: string
  readonly fork: boolean
  /** A valid receipt was folded on another history than the one it is read after. */
  readonly misfit: Entry | undefined
}

const DOWN: Owner = {
  ownership: null,
  history: '',
  answer: -1,
  appends: 0,
  starts: 0,
  crashes: 0,
  resends: 0,
  lostClaims: 0,
}

export const inputsOf = (history: string): string[] => (history === '' ? [] : history.split(' '))

const join = (history: string, inputs: readonly string[]): string =>
  [...inputsOf(history), ...inputs].join(' ')

/** Owners, a log, and what is under way between them. Every next state follows from one step of one of them. */
export class World {
  readonly rules: Rules
  readonly bounds: Bounds
  readonly #entries: Entry[] = []
  readonly #ids = new Map<string, number>()
  readonly #readings = new Map<string, Reading>()

  constructor(rules: Rules, bounds: Bounds) {
    this.rules = rules
    this.bounds = bounds
  }

  initial(): State {
    return {
      log: [],
      requests: [],
      owners: Array.from({ length: this.bounds.owners }, () => DOWN),
      generation: 0,
      answersLost: 0,
      before: null,
      repeats: {},
    }
  }

  entry(id: number): Entry {
    return this.#entries[id]!
  }

  next(state: State): Step<State>[] {
    const steps: Step<State>[] = []
    for (let index = 0; index < this.bounds.owners; index += 1) {
      const earlierIsFresh = index > 0 && state.owners[index - 1]!.starts === 0
      if (!earlierIsFresh) steps.push(...this.ownerSteps(state, index, false))
    }
    state.requests.forEach((_, at) => steps.push(...this.deliveries(state, at)))
    if (this.bounds.losesOneBatch === true && state.before === null && state.log.length > 0)
      steps.push({
        label: 'the log loses its last batch',
        state: { ...state, log: state.log.slice(0, -1), before: state.log },
      })
    return steps
  }

  faultsLeft({ owners, answersLost }: State): number {
    const spent = owners.reduce((sum, { crashes, resends }) => sum + crashes + resends, answersLost)
    return this.bounds.faults - spent
  }

  /** What one owner may do. `tireless`: no bound on starts, no crash, no resend. */
  ownerSteps(state: State, index: number, tireless: boolean): Step<State>[] {
    const owner = state.owners[index]!
    const name = 'ABC'[index]!
    const phase = owner.ownership?.phase
    const steps: Step<State>[] = []
    const add = (label: string, next: State) =>
      steps.push({ label: `${name} ${label}`, state: next })
    if (phase === undefined || phase === 'fenced' || phase === 'yielded') {
      if (tireless || owner.starts < this.bounds.starts) add('starts', this.#start(state, index))
      return steps
    }
    if (phase === 'recovering') add('recovers again', this.#claim(state, index, owner))
    if (owner.answer >= 0) add('reads up to its answer', this.#confirm(state, index))
    if (this.#mayEmit(phase))
      for (const inputs of this.#batches(owner))
        add(`folds ${inputs.join(' ')}`, this.#emit(state, index, inputs))
    if (phase === 'owning' && this.#end(state) > owner.ownership!.cursor.offset)
      add('reads its own end', this.#tail(state, index))
    if (!tireless && this.faultsLeft(state) > 0) steps.push(...this.#faults(state, index))
    return steps
  }

  #mayEmit(phase: OwnerPhase): boolean {
    if (phase === 'owning') return true
    return phase === 'claiming' && this.rules.emitsBeforeConfirmedClaim === true
  }

  #faults(state: State, index: number): Step<State>[] {
    const owner = state.owners[index]!
    const name = 'ABC'[index]!
    const { starts, crashes, resends } = owner
    const crashed = { ...DOWN, starts, crashes: crashes + 1, resends }
    const given = this.#forget(state, index)
    const steps = [{ label: `${name} crashes`, state: this.#with(given, index, crashed) }]
    const pending = owner.ownership?.pending
    if (pending === null || pending === undefined || owner.answer >= 0) return steps
    const again = { ...owner, resends: resends + 1 }
    steps.push({
      label: `${name} sends again`,
      state: this.#request(this.#with(given, index, again), index, this.#idOf(pending)),
    })
    if (this.rules.recuts === true && owner.ownership!.phase === 'appending')
      for (const inputs of this.#batches(owner))
        steps.push({
          label: `${name} cuts another batch: ${inputs.join(' ')}`,
          state: this.#recut(this.#with(given, index, again), index, inputs),
        })
    return steps
  }

  /** An append under way lands; its answer arrives, or is lost. */
  deliveries(state: State, at: number): Step<State>[] {
    const request = state.requests[at]!
    const landed = this.#land({ ...state, requests: state.requests.toSpliced(at, 1) }, request)
    const what = `the log takes ${this.#text(request)} at ${landed.base}`
    if (!request.awaited) return [{ label: `${what}, late`, state: landed.state }]
    const owner = { ...landed.state.owners[request.owner]!, answer: landed.base }
    const steps = [{ label: what, state: this.#with(landed.state, request.owner, owner) }]
    if (this.faultsLeft(state) > 0)
      steps.push({
        label: `${what}, the answer is lost`,
        state: { ...landed.state, answersLost: state.answersLost + 1 },
      })
    return steps
  }

  read(log: readonly number[]): Reading {
    const key = log.join()
    const known = this.#readings.get(key)
    if (known !== undefined) return known
    const reading =
      log.length === 0
        ? { cursor: genesis('genesis'), history: '', fork: false, misfit: undefined }
        : this.readOn(this.read(log.slice(0, -1)), this.entry(log.at(-1)!))
    this.#readings.set(key, reading)
    return reading
  }

  readOn(before: Reading, entry: Entry): Reading {
    if (before.fork) return before
    const verdict = this.rules.judge(before.cursor, entry.link)
    if (verdict.kind === 'fork') return { ...before, fork: true }
    if (verdict.kind === 'void') return { ...before, cursor: verdict.cursor }
    const misfits = entry.inputs.length > 0 && entry.basis !== before.history
    return {
      cursor: verdict.cursor,
      history: join(before.history, entry.inputs),
      fork: false,
      misfit: before.misfit ?? (misfits ? entry : undefined),
    }
  }

  /** The log's entries that lie before an offset. */
  prefix(log: readonly number[], offset: number): readonly number[] {
    let at = 0
    let entries = 0
    while (at < offset && entries < log.length) at += this.#sizeOf(log[entries++]!)
    return log.slice(0, entries)
  }

  #start(state: State, index: number): State {
    const before = state.owners[index]!
    const generation = state.generation + 1
    const kept = this.rules.keepsStateWhenFenced === true ? before.history : ''
    const { starts, crashes, resends, lostClaims } = before
    const owner = { ...DOWN, starts: starts + 1, crashes, resends, lostClaims, history: kept }
    return this.#claim({ ...state, generation }, index, owner)
  }

  #claim(state: State, index: number, owner: Owner): State {
    const { cursor, history } = this.read(state.log)
    const identity = owner.ownership ?? {
      owner: `${'ABC'[index]!}${owner.starts}`,
      generation: state.generation,
    }
    const fresh = newOwnership(identity, cursor)
    const entry = this.#write(fresh, [], history)
    const longer = owner.history.length > history.length ? owner.history : history
    const claiming = { ...owner, ownership: send(fresh, entry.link), history: longer, answer: -1 }
    return this.#request(this.#with(state, index, claiming), index, entry.id)
  }

  #emit(state: State, index: number, inputs: readonly string[]): State {
    const owner = state.owners[index]!
    const { pending, cursor } = owner.ownership!
    const basis =
      pending === null
        ? cursor
        : {
            ...cursor,
            head: pending.hash,
            sequence: pending.sequence,
            tenure: pending.tenure,
            offset: cursor.offset + 1,
          }
    const ownership = { ...owner.ownership!, phase: 'owning' as const, cursor: basis }
    const entry = this.#write(ownership, inputs, owner.history)
    const appending = { ...owner, ownership: send(ownership, entry.link), answer: -1 }
    return this.#request(this.#with(this.#forget(state, index), index, appending), index, entry.id)
  }

  #recut(state: State, index: number, inputs: readonly string[]): State {
    const owner = state.owners[index]!
    const ownership = { ...owner.ownership!, phase: 'owning' as const, pending: null }
    const entry = this.#write(ownership, inputs, owner.history)
    const appending = { ...owner, ownership: send(ownership, entry.link) }
    return this.#request(this.#with(state, index, appending), index, entry.id)
  }

  #confirm(state: State, index: number): State {
    const owner = state.owners[index]!
    const { cursor, pending, phase } = owner.ownership!
    const links = this.#linksFrom(state.log, cursor.offset)
    const after = this.rules.confirm(owner.ownership!, owner.answer, links)
    if (after === 'data_lost') return this.#with(state, index, this.#stopped(owner))
    const inputs = this.entry(this.#idOf(pending!)).inputs
    const keeps = after.phase === 'owning' || this.rules.keepsStateWhenFenced === true
    const history = keeps ? join(owner.history, inputs) : owner.history
    const lost = phase === 'claiming' && after.phase !== 'owning' ? owner.lostClaims + 1 : 0
    return this.#with(state, index, {
      ...owner,
      ownership: after,
      history,
      answer: -1,
      appends: owner.appends + 1,
      lostClaims: lost,
    })
  }

  /** The log lost data: an error ends the owner, and somebody may start it again. */
  #stopped({ starts, crashes, resends }: Owner): Owner {
    return { ...DOWN, starts, crashes, resends }
  }

  #tail(state: State, index: number): State {
    const owner = state.owners[index]!
    const before = owner.ownership!
    let after = before
    for (const link of this.#linksFrom(state.log, before.cursor.offset)) {
      const read = found(after, link)
      if (read.verdict.kind === 'fork') return this.#with(state, index, this.#stopped(owner))
      after = read.ownership
    }
    return this.#with(state, index, { ...owner, ownership: settleTail(before, after) })
  }

  /** Every batch that could be cut now: up to `batchMax` inputs, partitions interleaved in any way. */
  #batches({ history }: Owner): (readonly string[])[] {
    const found: string[][] = []
    const grow = (batch: string[]) => {
      if (batch.length > 0) found.push(batch)
      if (batch.length === this.bounds.batchMax) return
      const done = new Set([...inputsOf(history), ...batch])
      for (const partition of this.bounds.partitions) {
        const next = partition.find(input => !done.has(input))
        if (next !== undefined) grow([...batch, next])
      }
    }
    grow([])
    return found
  }

  #write(ownership: Ownership, inputs: readonly string[], basis: string): Entry {
    const { cursor, owner, generation } = ownership
    const isTakeover = inputs.length === 0
    const text = [cursor.head, owner, ...inputs, `on ${basis}`].join(' ')
    const known = this.#ids.get(text)
    if (known !== undefined) return this.entry(known)
    const id = this.#entries.length
    const link: ReceiptLink = {
      hash: `e${id}`,
      previousHash: cursor.head,
      sequence: cursor.sequence + 1,
      firstEvent: cursor.lastEvent + 1,
      eventCount: inputs.length,
      emittedOfLastInput: 0,
      tenure: cursor.tenure + (isTakeover ? 1 : 0),
      owner,
      generation,
      isTakeover,
    }
    const entry = { id, link, inputs, basis }
    this.#entries.push(entry)
    this.#ids.set(text, id)
    return entry
  }

  #land(state: State, request: Request): { state: State; base: number } {
    const base = this.#end(state)
    if (this.bounds.idempotentBroker !== true)
      return { state: { ...state, log: [...state.log, request.entry] }, base }
    const last = state.repeats[request.producer]
    if (last?.number === request.number) return { state, base: last.base }
    const repeats = { ...state.repeats, [request.producer]: { number: request.number, base } }
    return { state: { ...state, log: [...state.log, request.entry], repeats }, base }
  }

  #request(state: State, index: number, entry: number): State {
    const { starts, appends } = state.owners[index]!
    const request = {
      entry,
      owner: index,
      awaited: true,
      producer: `${index}/${starts}`,
      number: appends,
    }
    const requests = [...state.requests, request].sort((a, b) => order(a) - order(b))
    return { ...state, requests }
  }

  /** Answers to what this owner has under way no longer reach it. */
  #forget(state: State, index: number): State {
    const requests = state.requests.map(request =>
      request.owner === index ? { ...request, awaited: false } : request,
    )
    return { ...state, requests }
  }

  #with(state: State, index: number, owner: Owner): State {
    return { ...state, owners: state.owners.with(index, owner) }
  }

  #linksFrom(log: readonly number[], offset: number): ReceiptLink[] {
    return log.slice(this.prefix(log, offset).length).map(id => this.entry(id).link)
  }

  #idOf({ hash }: ReceiptLink): number {
    return Number(hash.slice(1))
  }

  #sizeOf(id: number): number {
    return 1 + this.entry(id).inputs.length
  }

  #end({ log }: State): number {
    return log.reduce((sum, id) => sum + this.#sizeOf(id), 0)
  }

  #text({ entry, owner }: Request): string {
    const { inputs, link } = this.entry(entry)
    const what = inputs.length === 0 ? 'takeover' : `batch ${inputs.join(' ')}`
    return `${what} ${link.hash} of ${'ABC'[owner]!}, linked to ${link.previousHash},`
  }
}

const order = ({ entry, owner, awaited }: Request): number =>
  entry * 8 + owner * 2 + (awaited ? 1 : 0)
