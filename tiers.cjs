/**
 * The tier table of docs/ARCHITECTURE: an import goes to a lower tier only. Adapters (T3b) may use T3; services never
 * import each other. `testkit` is for tests alone.
 */
module.exports = [
  { tier: 1, paths: ['packages/domain'] },
  { tier: 2, paths: ['packages/contracts', 'packages/venue-profiles'] },
  { tier: 3, paths: ['packages/stream-runtime'] },
  {
    tier: 3.5,
    paths: [
      'packages/stream-embedded',
      'packages/stream-kafka',
      'packages/observability',
      'packages/config',
      'packages/venue-formats',
      'packages/local-stack',
    ],
  },
  { tier: 3.7, paths: ['packages/service-host'] },
  {
    tier: 4,
    paths: [
      'services/price',
      'services/margin-evaluation',
      'services/liquidation-execution',
      'services/cascade-analytics',
    ],
  },
  { tier: 4.5, paths: ['packages/pipeline'] },
  { tier: 5, paths: ['packages/exchange-simulator', 'packages/audit', 'packages/report'] },
  { tier: 5.5, paths: ['packages/simulation'] },
  { tier: 5.7, paths: ['bench'] },
  { tier: 6, paths: ['packages/cli'] },
]
