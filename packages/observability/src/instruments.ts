import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

const LATENCY_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]
const SLIPPAGE_BUCKETS = [-50, -10, -5, -1, 0, 1, 2.5, 5, 10, 25, 50, 100, 250, 500]

/** Every metric there is, by what it measures. No label ever names an account: their number is not bounded. */
export interface Instruments {
  readonly accounts: Gauge<'band'>
  readonly assignedTasks: Gauge<'service'>
  readonly adlNotional: Counter<'market'>
  readonly branchingRatio: Gauge<'market' | 'direction'>
  readonly buildInfo: Gauge<'version' | 'node'>
  readonly cascadeActive: Gauge<'market' | 'side'>
  readonly cliffDistance: Gauge<'market' | 'side'>
  readonly consumerLag: Gauge<'task'>
  readonly consumerLagSeconds: Gauge<'task'>
  readonly events: Counter<'type'>
  readonly inputRefused: Counter<'topic' | 'reason'>
  readonly insuranceFund: Gauge<'pool'>
  readonly insuranceFundAvailable: Gauge<'pool'>
  readonly liquidatedNotional: Counter<'market' | 'side' | 'stage'>
  readonly liquidationsCompleted: Counter<'outcome'>
  readonly liquidationsHalted: Counter
  readonly liquidationsStarted: Counter
  readonly marginCalls: Counter
  readonly markUsable: Gauge<'market'>
  readonly pipelineLatency: Histogram<'stage'>
  readonly replayDivergence: Counter<'task'>
  readonly sharedLoss: Counter
  readonly slippage: Histogram<'market'>
}

const name = (suffix: string): string => `sluice_${suffix}`

/** Creates all metrics in a registry. */
export function createInstruments(registry: Registry): Instruments {
  return { ...stateGauges(registry), ...counters(registry), ...histograms(registry) }
}

function stateGauges(registry: Registry) {
  const gauge = <Label extends string>(
    suffix: string,
    help: string,
    labelNames: readonly Label[] = [],
  ): Gauge<Label> =>
    new Gauge({ name: name(suffix), help, labelNames: [...labelNames], registers: [registry] })
  return {
    accounts: gauge('accounts', 'Margin scopes that are not healthy, by band', ['band']),
    assignedTasks: gauge('assigned_tasks', "Tasks that are this process's to run", ['service']),
    branchingRatio: gauge(
      'branching_ratio',
      'Liquidations that one liquidation causes, if prices move this way',
      ['market', 'direction'],
    ),
    buildInfo: gauge('build_info', 'Always 1; the labels say what runs', ['version', 'node']),
    cascadeActive: gauge('cascade_active', 'Cascades that are open', ['market', 'side']),
    cliffDistance: gauge(
      'cliff_distance_ratio',
      'Relative distance of the mark price from the next cliff',
      ['market', 'side'],
    ),
    consumerLag: gauge('consumer_lag_messages', 'Records that a task has yet to read', ['task']),
    consumerLagSeconds: gauge(
      'consumer_lag_seconds',
      'Age of the oldest record that a task has yet to read',
      ['task'],
    ),
    insuranceFund: gauge('insurance_fund_usd', 'What an insurance pool holds', ['pool']),
    insuranceFundAvailable: gauge(
      'insurance_fund_available_usd',
      'What an insurance pool can still promise, as of its last reservation or release',
      ['pool'],
    ),
    markUsable: gauge('mark_usable', '1 while the mark price may trigger liquidations', ['market']),
  }
}

function counters(registry: Registry) {
  const counter = <Label extends string>(
    suffix: string,
    help: string,
    labelNames: readonly Label[] = [],
  ): Counter<Label> =>
    new Counter({ name: name(suffix), help, labelNames: [...labelNames], registers: [registry] })
  return {
    adlNotional: counter('adl_notional_usd_total', 'Notional closed by deleveraging', ['market']),
    events: counter('events_total', 'Events seen, by type', ['type']),
    inputRefused: counter('input_refused_total', 'Inputs refused, by topic and reason', [
      'topic',
      'reason',
    ]),
    liquidatedNotional: counter('liquidated_notional_usd_total', 'Notional closed by force', [
      'market',
      'side',
      'stage',
    ]),
    liquidationsCompleted: counter(
      'liquidations_completed_total',
      'Liquidations that ended, by outcome',
      ['outcome'],
    ),
    liquidationsHalted: counter('liquidations_halted_total', 'Liquidations that wait for a person'),
    liquidationsStarted: counter('liquidations_started_total', 'Liquidations that began'),
    marginCalls: counter('margin_calls_total', 'Margin calls issued'),
    replayDivergence: counter(
      'replay_divergence_total',
      'Replays that did not give the recorded events',
      ['task'],
    ),
    sharedLoss: counter('shared_loss_usd_total', 'Losses shared among scopes in profit'),
  }
}

function histograms(registry: Registry) {
  return {
    pipelineLatency: new Histogram({
      name: name('pipeline_latency_seconds'),
      help: 'Task time between two steps of a liquidation',
      labelNames: ['stage'] as const,
      buckets: LATENCY_BUCKETS,
      registers: [registry],
    }),
    slippage: new Histogram({
      name: name('slippage_bps'),
      help: 'Cost of a forced fill against the mark price, in basis points',
      labelNames: ['market'] as const,
      buckets: SLIPPAGE_BUCKETS,
      registers: [registry],
    }),
  }
}
