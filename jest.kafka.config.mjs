import base from './jest.config.mjs'

/** The tests that need a broker: `pnpm test:kafka`. */
export default {
  ...base,
  testMatch: ['<rootDir>/{packages,services}/*/test/**/*.kafka.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  testTimeout: 120_000,
}
