import { Writable } from 'node:stream'
import { afterEach, describe, expect, test } from '@jest/globals'
import type { SluiceEvent } from '@sluice/contracts/generated/events'
import { eventOfPlain, type PlainObject } from '@sluice/contracts/plain'
import { createLogger } from '../src/logger.ts'
import { createMetrics, type Metrics } from '../src/metrics.ts'
import { startServer, type ObservabilityServer } from '../src/server.ts'

const START = 1_760_054_400_000

const metaAt = (time: number): PlainObject => ({ sequence: 1, causeIds: [], time, logicVersion: 1 })

/** Metrics at a time of the test's choosing, after the given events. */
function metricsAfter(events: readonly PlainObject[], now = START): Metrics {
  const metrics = createMetrics({ version: '0.1.0', now: () => now })
  for (const event of events) metrics.observe(eventOfPlain(event))
  return metrics
}

async function linesOf(metrics: Metrics): Promise<string[]> {
  const text = await metrics.registry.metrics()
  return text.split('\n').filter(line => line !== '' && !line.startsWith('#'))
}

const reduced = (over: PlainObject): PlainObject => ({
  type: 'PositionReduced',
  meta: metaAt(START + 300),
  liquidationId: 'margin-evaluation-0/7',
  scope: 'secret-account',
  requestId: 'liquidation-execution-0/2',
  executionId: 'e1',
  instrument: 'BTC-PERP',
  side: 'sell',
  priceTicks: 9_990,
  quantityLots: 5,
  notional: '1234.5',
  markTicks: 10_000,
  mechanism: 'order',
  ledgerSequence: 9,
  ...over,
})

const ofLiquidation = (type: string, time: number, over: PlainObject = {}): PlainObject => ({
  type,
  meta: metaAt(time),
  liquidationId: 'margin-evaluation-0/7',
  scope: 'secret-account',
  ...over,
})

describe('the metrics', () => {
  test('follow a liquidation from its start over its order and fill to its end', async () => {
    const lines = await linesOf(
      metricsAfter([
        ofLiquidation('LiquidationStarted', START),
        ofLiquidation('LiquidationOrderPlaced', START + 100, {
          clientOrderId: 'liquidation-execution-0/2',
          slice: 1,
        }),
        reduced({}),
        ofLiquidation('LiquidationCompleted', START + 1_000, {
          outcome: 'restored',
          startedAt: START,
        }),
      ]),
    )
    expect(lines).toContain('sluice_liquidations_started_total 1')
    expect(lines).toContain('sluice_liquidations_completed_total{outcome="restored"} 1')
    expect(lines).toContain(
      'sluice_liquidated_notional_usd_total{market="BTC-PERP",side="sell",stage="order"} 1234.5',
    )
    expect(lines).toContain('sluice_pipeline_latency_seconds_sum{stage="start_to_order"} 0.1')
    expect(lines).toContain('sluice_pipeline_latency_seconds_sum{stage="order_to_fill"} 0.2')
    expect(lines).toContain('sluice_pipeline_latency_seconds_sum{stage="start_to_end"} 1')
    expect(lines).toContain('sluice_slippage_bps_sum{market="BTC-PERP"} 10')
  })

  test('count slippage of a buy the other way round, and none for deleveraging', async () => {
    const buy = reduced({ side: 'buy', priceTicks: 10_010 })
    const deleveraged = reduced({ mechanism: 'deleveraging', priceTicks: 5_000, notional: '10' })
    const lines = await linesOf(metricsAfter([buy, deleveraged]))
    expect(lines).toContain('sluice_slippage_bps_sum{market="BTC-PERP"} 10')
    expect(lines).toContain('sluice_slippage_bps_count{market="BTC-PERP"} 1')
    expect(lines).toContain('sluice_adl_notional_usd_total{market="BTC-PERP"} 10')
  })

  test('keep the number of scopes in each band from the changes', async () => {
    const change = (from: string, to: string): PlainObject => ({
      type: 'MarginStatusChanged',
      scope: 's',
      from,
      to,
      equity: '1',
      maintenanceMargin: '1',
    })
    const lines = await linesOf(
      metricsAfter([
        change('healthy', 'margin_call'),
        change('healthy', 'margin_call'),
        change('margin_call', 'liquidating'),
      ]),
    )
    expect(lines).toContain('sluice_accounts{band="margin_call"} 1')
    expect(lines).toContain('sluice_accounts{band="liquidating"} 1')
  })

  test('take what a pool holds from the last booking, not from a later reference record', async () => {
    const pool = { pool: 'linear-usd', scope: 's', currency: 'USD' }
    const set = { type: 'InsurancePoolSet', ...pool, balance: '1000' }
    const booked = { type: 'FundMovementBooked', ...pool, amount: '100', poolBalance: '900' }
    expect(await linesOf(metricsAfter([set]))).toContain(
      'sluice_insurance_fund_usd{pool="linear-usd"} 1000',
    )
    expect(await linesOf(metricsAfter([set, booked, set]))).toContain(
      'sluice_insurance_fund_usd{pool="linear-usd"} 900',
    )
  })

  test('take what a pool can still promise from its reservations', async () => {
    const about = { liquidationId: 'l', scope: 's', pool: 'linear-usd', currency: 'USD' }
    const money = { amount: '100', reserved: '100', equity: '-1', closingLoss: '99' }
    const meta = metaAt(START)
    const reserved = { type: 'PoolReserved', meta, ...about, ...money, poolAvailable: '900' }
    expect(await linesOf(metricsAfter([reserved]))).toContain(
      'sluice_insurance_fund_available_usd{pool="linear-usd"} 900',
    )
  })

  test('say how old a mark price is when they are asked', async () => {
    const mark = {
      type: 'MarkPriceUpdated',
      meta: metaAt(START - 2_500),
      instrument: 'BTC-PERP',
      quality: 'stale',
    }
    const lines = await linesOf(metricsAfter([mark]))
    expect(lines).toContain('sluice_mark_age_seconds{market="BTC-PERP"} 2.5')
    expect(lines).toContain('sluice_mark_usable{market="BTC-PERP"} 0')
  })

  test('show the kill switch until it is released or lapses', async () => {
    const engaged = { type: 'KillSwitchEngaged', actor: 'a', reason: 'r', expiresAt: START + 10 }
    const released = { type: 'KillSwitchReleased', actor: 'a', reason: 'r' }
    const shown = async (events: PlainObject[], now: number): Promise<string | undefined> =>
      (await linesOf(metricsAfter(events, now))).find(line => line.includes('kill_switch'))
    expect(await shown([engaged], START)).toBe('sluice_kill_switch_engaged 1')
    expect(await shown([engaged], START + 10)).toBe('sluice_kill_switch_engaged 0')
    expect(await shown([engaged, released], START)).toBe('sluice_kill_switch_engaged 0')
  })

  test('count refusals, cascades, divergence and lag', async () => {
    const metrics = metricsAfter([
      { type: 'InputRefused', source: 'accounts', reason: 'bytes_truncated', detail: '' },
      { type: 'CascadeOpened', instrument: 'BTC-PERP', side: 'sell' },
    ])
    metrics.replayDiverged('price-0')
    metrics.taskProgress({ task: 'price-0', lagRecords: 17, lagSeconds: 0.5 })
    const lines = await linesOf(metrics)
    expect(lines).toContain(
      'sluice_input_refused_total{topic="accounts",reason="bytes_truncated"} 1',
    )
    expect(lines).toContain('sluice_cascade_active{market="BTC-PERP",side="sell"} 1')
    expect(lines).toContain('sluice_replay_divergence_total{task="price-0"} 1')
    expect(lines).toContain('sluice_consumer_lag_messages{task="price-0"} 17')
    expect(lines).toContain('sluice_consumer_lag_seconds{task="price-0"} 0.5')
    expect(lines).toContain('sluice_events_total{type="InputRefused"} 1')
  })

  test('never name an account', async () => {
    const metrics = metricsAfter([ofLiquidation('LiquidationStarted', START), reduced({})])
    expect(await metrics.registry.metrics()).not.toContain('secret-account')
  })

  test('are all prefixed, and have a help text and labels that differ by registry only', async () => {
    const [first, second] = [metricsAfter([]), metricsAfter([])]
    const described = await first.registry.getMetricsAsJSON()
    expect(described.every(({ name, help }) => name.startsWith('sluice_') && help !== '')).toBe(
      true,
    )
    first.observe({ type: 'ScopeReleased' } as SluiceEvent)
    expect(await linesOf(second)).not.toContain('sluice_events_total{type="ScopeReleased"} 1')
  })
})

describe('the server', () => {
  let server: ObservabilityServer | undefined
  afterEach(async () => {
    await server?.close()
  })

  const statusOf = async (path: string): Promise<number> => (await fetch(server!.url + path)).status

  test('is alive at once, but ready only when told so', async () => {
    server = await startServer({ registry: metricsAfter([]).registry, host: '127.0.0.1', port: 0 })
    expect([await statusOf('/livez'), await statusOf('/readyz')]).toEqual([200, 503])
    server.ready()
    expect(await statusOf('/readyz')).toBe(200)
    server.notReady()
    expect(await statusOf('/readyz')).toBe(503)
  })

  test('answers with the metrics in the text format', async () => {
    server = await startServer({ registry: metricsAfter([]).registry, host: '127.0.0.1', port: 0 })
    const response = await fetch(`${server.url}/metrics`)
    expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4')
    expect(await response.text()).toContain('sluice_build_info{version="0.1.0",node="v')
  })
})

describe('the logger', () => {
  function linesOfLogger(use: (logger: ReturnType<typeof createLogger>) => void): unknown[] {
    const lines: string[] = []
    const destination = new Writable({
      write(chunk: Buffer, _encoding, done) {
        lines.push(chunk.toString())
        done()
      },
    })
    use(createLogger({ name: 'price', level: 'info', destination }))
    return lines.map(line => JSON.parse(line) as unknown)
  }

  test('writes one JSON line with time, level, service and message', () => {
    const lines = linesOfLogger(logger => {
      logger.info({ receipt: 7 }, 'recovered')
      logger.debug('not this')
    })
    expect(lines).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        service: 'price',
        receipt: 7,
        msg: 'recovered',
      },
    ])
  })

  test('hides secrets, also one level down', () => {
    const [line] = linesOfLogger(logger => {
      logger.info({ accountKey: 'hunter2', settings: { password: 'hunter2' } }, 'started')
    })
    expect(JSON.stringify(line)).not.toContain('hunter2')
  })

  test('writes an error with its cause', () => {
    const [line] = linesOfLogger(logger => {
      logger.error({ error: new Error('outer', { cause: new Error('inner') }) }, 'failed')
    })
    expect(JSON.stringify(line)).toContain('inner')
  })
})
