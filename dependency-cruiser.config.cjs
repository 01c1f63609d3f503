const tiers = require('./tiers.cjs')

const startingWith = paths => `^(${paths.join('|')})/`

/** One rule a member: it may import itself and lower tiers, nothing beside it and nothing above. */
const tierRules = tiers.flatMap(({ tier, paths }) =>
  paths.map(path => ({
    name: `tier-of-${path.replaceAll('/', '-')}`,
    severity: 'error',
    comment: `${path} is in tier ${tier}: it imports itself and lower tiers only.`,
    from: { path: `^${path}/src/` },
    to: {
      path: startingWith(
        tiers
          .flatMap(other => (other.tier >= tier ? other.paths.filter(p => p !== path) : []))
          .concat('packages/testkit'),
      ),
    },
  })),
)

module.exports = {
  forbidden: [
    ...tierRules,
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'testkit-is-for-tests',
      severity: 'error',
      from: { pathNot: ['/test/', '^packages/testkit/'] },
      to: { path: '^packages/testkit/' },
    },
    {
      name: 'kafka-stays-in-its-adapter',
      severity: 'error',
      from: { pathNot: '^(packages/stream-kafka|bench)/' },
      to: { path: 'node_modules/(kafkajs|@confluentinc)' },
    },
    { name: 'not-to-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['/dist/', '/generated/schemas'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['sluice-source', 'import', 'node', 'default'],
      extensions: ['.ts', '.mjs', '.js', '.json'],
    },
  },
}
