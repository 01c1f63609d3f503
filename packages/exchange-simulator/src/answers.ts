import type { ExecutionReportsEvent } from '@sluice/contracts/generated/events'
import { bookFee, moveFund } from './bookings.ts'
import { deleverage } from './deleveraging.ts'
import { InvalidSimulatorOptionsError } from './errors.ts'
import { LossSharing } from './loss-share.ts'
import { cancelOrders, executeOrder } from './orders.ts'
import type { CancelledThrough } from './orders.ts'
import { MARKET } from './parameters.ts'
import type { FaultName, LiquidationExecutionEvent, VenueFault, VenueRequest } from './types.ts'
import type { Venue } from './venue.ts'

/** A request on its way in, or its reports on their way out. */
type Pending =
  | {
      readonly dueAt: number
      readonly kind: 'request'
      readonly request: VenueRequest
      readonly half: boolean
    }
  | {
      readonly dueAt: number
      readonly kind: 'reports'
      readonly reports: readonly ExecutionReportsEvent[]
    }

const REQUESTS: ReadonlySet<string> = new Set<VenueRequest['type']>([
  'LiquidationOrderPlaced',
  'OrderCancellationRequested',
  'LiquidationFeeRequested',
  'FundMovementRequested',
  'DeleveragingOrdered',
  'LossShareRequested',
])

/** A request that arrives in the step after it was placed has this much of the latency behind it. */
const TRAVELLED_MS = MARKET.stepMs

/**
 * The venue's answers to requests: after a latency, once for each request id. A request that comes again is not executed again: its
 * first answer is reported again, word for word. Faults strike the nth request of a kind, counted as requests arrive.
 */
export class Answers {
  readonly #venue: Venue
  readonly #lossSharing: LossSharing
  readonly #faults = new Map<string, VenueFault>()
  readonly #arrived = new Map<VenueRequest['type'], number>()
  readonly #answered = new Map<string, readonly ExecutionReportsEvent[]>()
  readonly #cancelled: CancelledThrough = new Map()
  #pending: Pending[] = []
  #faultsMet = 0

  constructor(venue: Venue, faults: readonly VenueFault[]) {
    this.#venue = venue
    this.#lossSharing = new LossSharing(venue)
    for (const fault of faults) {
      checkFault(fault)
      this.#faults.set(`${fault.kind}#${fault.nth}`, fault)
    }
  }

  get faultsMet(): number {
    return this.#faultsMet
  }

  /** Requests and reports not yet due. */
  get pendingCount(): number {
    return this.#pending.length
  }

  /** Takes in what liquidation-execution wrote; events that ask nothing are passed over. */
  receive(events: readonly LiquidationExecutionEvent[]): void {
    for (const event of events) if (isRequest(event)) this.#receiveOne(event)
  }

  /** Acts on all that is due, in order of time due and then of arrival, and returns the reports. */
  act(): ExecutionReportsEvent[] {
    if (this.#pending.length === 0) return []
    const due = this.#takeDue()
    const reports: ExecutionReportsEvent[] = []
    for (const pending of due) {
      if (pending.kind === 'reports') reports.push(...pending.reports)
      else reports.push(...this.#answer(pending.request, pending.half))
    }
    return reports
  }

  #receiveOne(request: VenueRequest): void {
    const nth = (this.#arrived.get(request.type) ?? 0) + 1
    this.#arrived.set(request.type, nth)
    const struck = this.#faults.get(`${request.type}#${nth}`)
    if (struck !== undefined) this.#faultsMet += 1
    const dueAt = this.#venue.time + MARKET.answerLatencyMs - TRAVELLED_MS
    const delay = struck?.delayMs ?? MARKET.lateMs
    this.#schedule(request, { fault: struck?.fault, dueAt, delay })
  }

  #schedule(request: VenueRequest, { fault, dueAt, delay }: Schedule): void {
    const half = fault === 'partial'
    if (fault === 'silent') return
    if (fault === 'reported_late') {
      const reports = this.#answer(request, false)
      this.#pending.push({ dueAt: dueAt + delay, kind: 'reports', reports })
      return
    }
    const arrival = fault === 'late' ? dueAt + delay : dueAt
    this.#pending.push({ dueAt: arrival, kind: 'request', request, half })
    if (fault === 'twice') this.#pending.push({ dueAt: arrival, kind: 'request', request, half })
  }

  #takeDue(): Pending[] {
    const due = this.#pending.filter(pending => pending.dueAt <= this.#venue.time)
    if (due.length === this.#pending.length) this.#pending = []
    else this.#pending = this.#pending.filter(pending => pending.dueAt > this.#venue.time)
    return due.sort((left, right) => left.dueAt - right.dueAt)
  }

  /** The first answer, or the same again. */
  #answer(request: VenueRequest, half: boolean): readonly ExecutionReportsEvent[] {
    const id = idOf(request)
    const known = this.#answered.get(id)
    if (known !== undefined) return this.#repeat(request, known)
    const reports = this.#execute(request, half)
    this.#answered.set(id, reports)
    return reports
  }

  /** A cancellation that is asked for again also holds for orders placed since. */
  #repeat(
    request: VenueRequest,
    known: readonly ExecutionReportsEvent[],
  ): readonly ExecutionReportsEvent[] {
    if (request.type === 'OrderCancellationRequested') {
      const through = this.#cancelled.get(request.scope) ?? 0
      this.#cancelled.set(request.scope, Math.max(through, request.meta.sequence))
    }
    return known
  }

  #execute(request: VenueRequest, half: boolean): ExecutionReportsEvent[] {
    switch (request.type) {
      case 'LiquidationOrderPlaced':
        return executeOrder(this.#venue, request, { half, cancelled: this.#cancelled })
      case 'OrderCancellationRequested':
        return cancelOrders(this.#venue, request, this.#cancelled)
      case 'LiquidationFeeRequested':
        return bookFee(this.#venue, request)
      case 'FundMovementRequested':
        return moveFund(this.#venue, request)
      case 'DeleveragingOrdered':
        return deleverage(this.#venue, request, { half })
      case 'LossShareRequested':
        return this.#lossSharing.share(request)
    }
  }
}

/** When a request is acted on, and what befalls it. */
interface Schedule {
  readonly fault: FaultName | undefined
  readonly dueAt: number
  readonly delay: number
}

export function isRequest(event: LiquidationExecutionEvent): event is VenueRequest {
  return REQUESTS.has(event.type)
}

function idOf(request: VenueRequest): string {
  return request.type === 'LiquidationOrderPlaced' ? request.clientOrderId : request.requestId
}

function checkFault({ kind, nth, fault, delayMs }: VenueFault): void {
  if (!Number.isInteger(nth) || nth < 1) {
    throw new InvalidSimulatorOptionsError(
      `fault of ${kind}: nth is ${nth}; give a whole number from 1`,
    )
  }
  if (delayMs !== undefined && !(Number.isFinite(delayMs) && delayMs >= 0)) {
    throw new InvalidSimulatorOptionsError(
      `fault of ${kind}: delayMs is ${delayMs}; give zero or more`,
    )
  }
  const canBePartial = kind === 'LiquidationOrderPlaced' || kind === 'DeleveragingOrdered'
  if (fault === 'partial' && !canBePartial) {
    throw new InvalidSimulatorOptionsError(
      `fault 'partial' is for orders and deleveraging; ${kind} happens whole or not at all`,
    )
  }
}
