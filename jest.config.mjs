/** What each suffix needs: `.test.ts` nothing, `.sim.test.ts` the embedded log and a seed. */
export default {
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['sluice-source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'es6' } },
    ],
  },
  testMatch: [
    '<rootDir>/{packages,services,bench}/*/{src,test}/**/*.test.ts',
    '<rootDir>/bench/{src,test}/**/*.test.ts',
  ],
  testPathIgnorePatterns: ['/node_modules/', '\\.kafka\\.test\\.ts$', '\\.web\\.test\\.ts$'],
  modulePathIgnorePatterns: ['/dist/'],
  testTimeout: 60_000,
}
