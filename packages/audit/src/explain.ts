import type {
  LiquidationOrderPlaced,
  MarkPriceUpdated,
  PoolReserved,
  PositionRisk,
  RiskStatement,
  SluiceEvent,
} from '@sluice/contracts/generated/events'
import { plain } from '@sluice/contracts/plain'
import { ONE, type Decimal } from '@sluice/domain/decimal'
import type { CaseFile } from './case-file.ts'
import type { LoggedEvent } from './log-events.ts'

const MS_PER_SECOND = 1000
const instant = (time: number): string => new Date(time).toISOString()
const money = (value: Decimal): string => value.toDecimalPlaces(6).toFixed()

/** A liquidation as a text for people: prices, account, the formulas with their numbers, every step to the end. */
export function explain(file: CaseFile): string {
  const { trigger, policy } = file
  const { statement } = trigger
  return [
    `Liquidation ${file.id}`,
    `scope ${statement.scope}, policy ${policy.policy} version ${policy.version} (${policy.mode}), triggered ${instant(trigger.meta.time)}`,
    '',
    'The prices',
    ...file.marks.flatMap(mark => markLines(file, mark)),
    '',
    `The account (${statement.accountEventId}, ledger sequence ${statement.ledgerSequence})`,
    `  wallet balance ${money(statement.walletBalance)} ${statement.currency}`,
    ...statement.positions.map(position => `  ${positionText(file, position)}`),
    '',
    'Why it was triggered',
    ...riskLines(file, statement).map(line => `  ${line}`),
    `  ${money(statement.equity)} < ${policy.triggerRatio.toFixed()} × ${money(statement.maintenanceMargin)}: liquidate`,
    '',
    'What was done',
    ...file.steps.flatMap(step => stepLines(file, step)),
  ].join('\n')
}

const priceText = (file: CaseFile, instrument: string, ticks: number | null): string => {
  const listed = file.instruments.get(instrument)
  if (ticks === null) return 'none'
  return listed === undefined ? `${ticks} ticks` : listed.tickSize.times(ticks).toFixed()
}

function markLines(file: CaseFile, { id, event }: LoggedEvent): string[] {
  if (event.type !== 'MarkPriceUpdated') return []
  const { instrument } = event
  const price = (ticks: number | null): string => priceText(file, instrument, ticks)
  const sources = file.components.flatMap(component => componentText(file, event, component))
  return [
    `  ${instrument} mark ${price(event.markTicks)} = median(index with funding ${price(event.fundingPriceTicks)}, ` +
      `index + basis ${price(event.basisPriceTicks)}, last ${price(event.lastPriceTicks)}); index ${price(event.indexTicks)}, ${event.quality} (${id})`,
    ...sources.map(text => `    ${text}`),
  ]
}

function componentText(
  file: CaseFile,
  mark: MarkPriceUpdated,
  { id, event }: LoggedEvent,
): string[] {
  if (
    !('instrument' in event) ||
    event.instrument !== mark.instrument ||
    !mark.meta.causeIds.includes(id)
  )
    return []
  if (event.type === 'IndexComponentPriced')
    return [`source ${event.source} ${priceText(file, event.instrument, event.priceTicks)} (${id})`]
  return [`${event.type} (${id})`]
}

function positionText(
  file: CaseFile,
  { instrument, quantityLots, entryNotional, markTicks }: PositionRisk,
): string {
  const size =
    file.instruments.get(instrument)?.lotSize.times(Math.abs(quantityLots)).toFixed() ?? '?'
  const side = quantityLots > 0 ? 'long' : 'short'
  return `${instrument} ${side} ${size} (${Math.abs(quantityLots)} lots), cost ${money(entryNotional)}, mark ${priceText(file, instrument, markTicks)}`
}

/** Equity and maintenance margin, each as its formula with the numbers in it. */
function riskLines(file: CaseFile, statement: RiskStatement): string[] {
  const { positions, walletBalance, equity, maintenanceMargin, marginRatio } = statement
  const profits = positions.map(
    ({ quantityLots, notional, entryNotional }) =>
      `(${money(quantityLots > 0 ? notional : notional.negated())} − ${money(entryNotional)})`,
  )
  const requirements = positions.map(
    ({ notional, maintenanceRate, maintenanceDeduction }) =>
      `(${money(notional)} × ${maintenanceRate.toFixed()} − ${money(maintenanceDeduction)})`,
  )
  const prices = positions.map(
    ({ instrument, liquidationPriceTicks, bankruptcyPriceTicks }) =>
      `${instrument}: liquidation price ${priceText(file, instrument, liquidationPriceTicks)}, bankruptcy price ${priceText(file, instrument, bankruptcyPriceTicks)}`,
  )
  return [
    `equity = wallet + Σ (value − cost) = ${[money(walletBalance), ...profits].join(' + ')} = ${money(equity)}`,
    `maintenance = Σ (notional × rate − deduction) = ${requirements.join(' + ') || '0'} = ${money(maintenanceMargin)}`,
    `margin ratio ${marginRatio?.toFixed() ?? 'none: no maintenance margin'}`,
    ...prices,
  ]
}

function stepLines(file: CaseFile, step: LoggedEvent): string[] {
  const seconds = (timeOf(step) - file.trigger.meta.time) / MS_PER_SECOND
  const [first = '', ...rest] = describe(file, step.event)
  return [`  +${seconds} s  ${first} (${step.id})`, ...rest.map(line => `         ${line}`)]
}

const timeOf = ({ event, appendTime }: LoggedEvent): number =>
  'meta' in event ? event.meta.time : appendTime

function describe(file: CaseFile, event: SluiceEvent): string[] {
  switch (event.type) {
    case 'LiquidationOrderPlaced':
      return orderLines(file, event)
    case 'OrderFilled':
      return [
        `filled: ${event.side} ${event.quantityLots} lots at ${priceText(file, event.instrument, event.priceTicks)}`,
      ]
    case 'PositionReduced':
      return [
        `position reduced by ${event.quantityLots} lots (${event.mechanism}), notional ${money(event.notional)}; the next slice needs ledger sequence ${event.ledgerSequence}`,
      ]
    case 'AccountRiskReported':
      return [
        `risk after ledger sequence ${event.statement.ledgerSequence}`,
        ...riskLines(file, event.statement),
      ]
    case 'PoolReserved':
      return reservationLines(event)
    case 'PoolReleased':
      return [
        `pool ${event.pool} is free of ${money(event.amount)}, still stands for ${money(event.reserved)}; available ${money(event.poolAvailable)}`,
      ]
    case 'LiquidationFeeRequested':
      return [
        `fee asked: min(${money(event.notional)} × ${event.feeRate.toFixed()}, equity) = ${money(event.amount)}`,
      ]
    case 'LiquidationCompleted':
      return [
        `completed: ${event.outcome}, slices ${event.slices}, notional ${money(event.reducedNotional)}, fees ${money(event.fees)}, ` +
          `fund ${money(event.fundDraw)}, deleveraged ${money(event.deleveragedNotional)}, shared loss ${money(event.sharedLoss)}`,
      ]
    default:
      return [factText(event)]
  }
}

const DETAILS = ['reason', 'amount', 'poolBalance', 'counterparty', 'quantityLots', 'filledLots']

/** An event without numbers of its own to explain: its name, and what it says beside ids. */
function factText(event: SluiceEvent): string {
  const words = event.type.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()
  const said = plain(event)
  const details = DETAILS.flatMap(name => {
    const value = said[name]
    return typeof value === 'string' || typeof value === 'number' ? [`${name} ${value}`] : []
  })
  return details.length === 0 ? words : `${words}: ${details.join(', ')}`
}

/** What a pool sets aside, with the numbers of its formula. */
function reservationLines(event: PoolReserved): string[] {
  const { pool, closingLoss, equity, amount, reserved, poolAvailable } = event
  return [
    `pool ${pool} sets ${money(amount)} aside, stands for ${money(reserved)}; no money moves`,
    `amount = min(closing loss ${money(closingLoss)} − equity ${money(equity)} − reserved before ${money(reserved.minus(amount))}, ` +
      `available ${money(poolAvailable.plus(amount))})`,
  ]
}

/**
 * A slice with the numbers in the sizing formula. The formula holds within the tier that the position ends in; where it crosses
 * a tier edge, the quantity stated is the one found across tiers.
 */
function orderLines(file: CaseFile, order: LiquidationOrderPlaced): string[] {
  const { sizing, instrument, side, quantityLots } = order
  const target = file.policy.triggerRatio.times(ONE.plus(sizing.restoreBuffer))
  const fee =
    side === 'sell' ? `${sizing.feeRate.toFixed()}·(1 − δ)` : `${sizing.feeRate.toFixed()}·(1 + δ)`
  const mark = priceText(file, instrument, sizing.markTicks)
  return [
    `slice ${order.slice}: ${side} ${quantityLots} lots of ${instrument}, limit ${priceText(file, instrument, order.limitTicks)} (statement ${order.statementId})`,
    `restore = (k·M − E) / (m·(k·μ − δ − φ')), k = ${target.toFixed()}, M = ${money(sizing.maintenanceMargin)}, E = ${money(sizing.equity)}, m = ${mark},`,
    `  μ = ${sizing.maintenanceRate.toFixed()}, δ = ${sizing.expectedSlippage.toFixed()}, φ' = ${fee}: ${sizing.restoreLots} lots, rounded up, across tiers`,
    `book: ${sizing.bookFraction.toFixed()} × ${sizing.bookLots} lots visible within the limit, ${sizing.spokenLots} spoken for; bankruptcy bound ${priceText(file, instrument, sizing.bankruptcyTicks)}; others stand for ${money(sizing.fundAllowance)}`,
  ]
}
