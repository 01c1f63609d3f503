import js from '@eslint/js'
import tseslint from 'typescript-eslint'

/** Code that a replay must reproduce to the byte: the rule book, and every service but its composition root. */
const PURE = ['packages/domain/src/**/*.ts', 'services/*/src/**/*.ts']
const COMPOSITION_ROOTS = ['services/*/src/main.ts', 'services/*/src/config.ts']

const forbidden = (name, message) => ({
  name,
  message: `${message} A fold has its inputs and nothing else.`,
})

export default tseslint.config(
  { ignores: ['**/dist/**', '**/generated/**', '**/node_modules/**', 'coverage/**'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      'max-lines': ['error', { max: 500, skipBlankLines: false, skipComments: false }],
      'max-lines-per-function': ['error', { max: 70 }],
      'max-params': ['error', 3],
      'max-depth': ['error', 4],
      complexity: ['error', 15],
      'no-console': 'error',
      eqeqeq: 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        {
          allowNumber: true,
          allowBoolean: true,
          allow: [{ name: 'Decimal', from: 'package', package: 'decimal.js' }],
        },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
    },
  },
  {
    files: ['**/*.{js,mjs,cjs}'],
    languageOptions: { globals: { process: 'readonly', module: 'writable', console: 'readonly' } },
  },
  {
    files: PURE,
    ignores: COMPOSITION_ROOTS,
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['node:*', 'pino', 'prom-client', 'fastify', 'lmdb', 'kafkajs'],
              message: 'A fold imports no I/O.',
            },
          ],
        },
      ],
      'no-restricted-globals': [
        'error',
        forbidden('Date', 'No wall clock.'),
        forbidden('process', 'No environment.'),
        forbidden('setTimeout', 'No timers.'),
        forbidden('setInterval', 'No timers.'),
        forbidden('performance', 'No wall clock.'),
        forbidden('crypto', 'No randomness.'),
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'No randomness in a fold.' },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: ':function[async=true]', message: 'A fold is synchronous.' },
        { selector: 'AwaitExpression', message: 'A fold is synchronous.' },
      ],
    },
  },
  {
    files: ['**/test/**/*.ts'],
    rules: {
      'max-lines-per-function': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            { from: 'package', name: ['test', 'describe'], package: '@jest/globals' },
          ],
        },
      ],
    },
  },
  {
    files: ['**/scripts/**/*.ts', 'packages/cli/src/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
)
