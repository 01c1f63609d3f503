import type { RunSeries } from '@sluice/audit/series'
import type { LiquidationMode } from '@sluice/contracts/generated/events'
import type { Chart, ComparisonRow, ReportData, Series } from '@sluice/report/report-data'
import type { SimulationSummary } from '@sluice/simulation/summary'

export interface ReportedRun {
  readonly policy: LiquidationMode
  readonly summary: SimulationSummary
  readonly series: RunSeries
}

const MS_PER_SECOND = 1000
const PERCENT = 100

/** The report of a demo: the same path under each policy, side by side. */
export function reportOf(
  runs: readonly ReportedRun[],
  { accounts, seed }: { accounts: number; seed: number },
): ReportData {
  return {
    title: 'Sluice: one flash crash, two ways to liquidate',
    subtitle: `${accounts.toLocaleString('en')} simulated accounts on ${runs[0]?.series.markPrices.size ?? 0} instruments; both policies meet the same price path and the same accounts`,
    command: `sluice demo --accounts ${accounts} --seed ${seed}`,
    runs: runs.map(({ policy }) => `${policy} liquidation`),
    rows: ROWS.map(([label, value]): ComparisonRow => ({
      label,
      values: runs.map(({ summary }) => value(summary)),
    })),
    charts: chartsOf(runs),
  }
}

const money = (text: string): string =>
  Number(text).toLocaleString('en', { maximumFractionDigits: 0 })

const ROWS: readonly (readonly [string, (summary: SimulationSummary) => string])[] = [
  ['Liquidations', summary => summary.liquidations.toLocaleString('en')],
  ['… that left a position', summary => summary.partial.toLocaleString('en')],
  ['… that closed everything', summary => summary.full.toLocaleString('en')],
  ['Forced notional (USD)', summary => money(summary.forcedNotional)],
  ['Insurance fund draw (USD)', summary => money(summary.fundDraw)],
  ['Auto-deleveraged notional (USD)', summary => money(summary.adlNotional)],
  ['Shared loss (USD)', summary => money(summary.sharedLoss)],
  ['Money conserved at every step', summary => (summary.moneyConserved ? 'yes' : 'NO')],
  ['Events', summary => summary.events.toLocaleString('en')],
]

function chartsOf(runs: readonly ReportedRun[]): Chart[] {
  const longest = runs.reduce<readonly number[]>(
    (times, { series }) => (series.times.length > times.length ? series.times : times),
    [],
  )
  const times = longest.map(time => time / MS_PER_SECOND)
  const chart = (title: string, unit: string, series: readonly Series[]): Chart => ({
    title,
    unit,
    times,
    series: series.map(line => padded(line, times.length)),
  })
  const perRun = (values: (series: RunSeries) => readonly number[]): Series[] =>
    runs.map(({ policy, series }) => ({ label: policy, values: values(series) }))
  const [first] = runs
  return [
    chart(
      'Mark prices, partial liquidation, start = 100',
      '%',
      first === undefined ? [] : indexed(first.series),
    ),
    chart(
      'Forced notional so far, auto-deleveraging included',
      'USD',
      perRun(series => series.forcedNotional),
    ),
    chart(
      'Insurance fund',
      'USD',
      perRun(series => series.fundBalance),
    ),
    chart(
      'Accounts under margin call',
      'scopes',
      perRun(series => series.scopesByStatus.margin_call),
    ),
    chart(
      'Accounts in liquidation',
      'scopes',
      perRun(series => series.scopesByStatus.liquidating),
    ),
  ]
}

/** Prices of all instruments on one scale. */
function indexed({ markPrices }: RunSeries): Series[] {
  return [...markPrices].map(([label, prices]) => {
    const start = prices.find(price => price !== null) ?? 1
    return {
      label,
      values: prices.map(price => (price === null ? null : (price / start) * PERCENT)),
    }
  })
}

const padded = ({ label, values }: Series, length: number): Series => ({
  label,
  values: Array.from({ length }, (_, at) => values[at] ?? null),
})
