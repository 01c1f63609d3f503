import type {
  AccountUpdated,
  ExecutionReportsEvent,
  LiquidationFeeRequested,
  LiquidationOrderPlaced,
  SluiceEvent,
} from '@sluice/contracts/generated/events'
import { type Decimal, ZERO } from '@sluice/domain/decimal'
import type { VenueRecord } from '@sluice/exchange-simulator/types'

/** Answers what the executor asks for: every order is filled whole at the price of the moment, every fee is booked whole. */
export class LoopVenue {
  readonly #tickValue: Decimal
  readonly #accounts = new Map<string, AccountUpdated>()
  #executions = 0
  #poolBalance = ZERO

  constructor(tickValue: Decimal) {
    this.#tickValue = tickValue
  }

  /** The account as the ledger has it now. */
  set(account: AccountUpdated): VenueRecord[] {
    this.#accounts.set(account.account, account)
    return [{ topic: 'accounts', key: account.account, event: account }]
  }

  /** The owner closes what is left, for no profit and no loss. */
  close(scope: string): VenueRecord[] {
    return this.set({ ...this.#next(scope), positions: [] })
  }

  /** What the venue says to it while trades are made at `priceTicks`, or nothing. */
  answer(event: SluiceEvent, priceTicks: number): VenueRecord[] {
    if (event.type === 'LiquidationOrderPlaced') return this.#fill(event, priceTicks)
    if (event.type === 'LiquidationFeeRequested') return this.#book(event)
    return []
  }

  #fill(order: LiquidationOrderPlaced, priceTicks: number): VenueRecord[] {
    const { clientOrderId, scope, instrument, side, quantityLots } = order
    const account = this.#next(scope)
    const { ledgerSequence } = account
    const of = { clientOrderId, scope, instrument }
    return [
      report(scope, { type: 'OrderAccepted', ...of, venueOrderId: clientOrderId }),
      report(scope, {
        type: 'OrderFilled',
        ...of,
        ...{ executionId: this.#execution(), side, priceTicks, quantityLots, ledgerSequence },
      }),
      ...this.set(this.#reduced(account, order, priceTicks)),
    ]
  }

  /** The closed part of the position takes its part of the entry with it; the difference to what was paid goes to the wallet. */
  #reduced(
    account: AccountUpdated,
    { instrument, side, quantityLots }: LiquidationOrderPlaced,
    priceTicks: number,
  ): AccountUpdated {
    const lots = side === 'sell' ? -quantityLots : quantityLots
    const position = account.positions.find(each => each.instrument === instrument)
    if (position === undefined) throw new RangeError(`${account.account} has no ${instrument}`)
    const left = position.quantityLots + lots
    const entryNotional = position.entryNotional.times(left).div(position.quantityLots)
    const paid = this.#tickValue.times(lots).times(priceTicks)
    return {
      ...account,
      walletBalance: account.walletBalance
        .minus(paid)
        .plus(entryNotional.minus(position.entryNotional)),
      positions: left === 0 ? [] : [{ instrument, quantityLots: left, entryNotional }],
    }
  }

  #book({ scope, requestId, pool, currency, amount }: LiquidationFeeRequested): VenueRecord[] {
    const account = this.#next(scope)
    const { ledgerSequence } = account
    this.#poolBalance = this.#poolBalance.plus(amount)
    return [
      report(scope, {
        type: 'FeeBooked',
        ...{ requestId, executionId: this.#execution(), pool, scope, currency, amount },
        ...{ poolBalance: this.#poolBalance, ledgerSequence },
      }),
      ...this.set({ ...account, walletBalance: account.walletBalance.minus(amount) }),
    ]
  }

  #next(scope: string): AccountUpdated {
    const account = this.#accounts.get(scope)
    if (account === undefined) throw new RangeError(`the bench has no account ${scope}`)
    return { ...account, ledgerSequence: account.ledgerSequence + 1 }
  }

  #execution(): string {
    this.#executions += 1
    return `execution-${this.#executions}`
  }
}

function report(scope: string, event: ExecutionReportsEvent): VenueRecord {
  return { topic: 'execution-reports', key: scope, event }
}
