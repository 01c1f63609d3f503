import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { z } from 'zod'
import { describeSettings } from '../src/describe-settings.ts'
import { loadSettings } from '../src/load-settings.ts'
import { SettingsError } from '../src/settings-error.ts'

const schema = z.strictObject({
  log: z.strictObject({
    directory: z.string().min(1).meta({ description: 'Where the log lies' }),
    receiptIntervalMs: z.number().int().positive().default(1000),
  }),
  level: z.enum(['debug', 'info']).default('info'),
  isShadow: z.boolean().default(false),
  ratios: z.array(z.number()).default([1.5, 1.25]),
  accountKey: z.string().min(8).optional().meta({ secret: true, description: 'Hashes accounts' }),
})

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-config-'))
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

function fileWith(text: string, name = 'sluice.yaml'): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

const load = (file: string | undefined, environment: Record<string, string>) =>
  loadSettings(schema, { ...(file === undefined ? {} : { file }), environment, prefix: 'SLUICE' })

function problemsOf(action: () => unknown): readonly string[] {
  try {
    action()
  } catch (error) {
    if (error instanceof SettingsError) return error.problems.map(each => each.replace(folder, ''))
    throw error
  }
  return []
}

describe('settings', () => {
  test('come from the environment before the file, and from the file before the defaults', () => {
    const file = fileWith('log:\n  directory: /from/file\n  receiptIntervalMs: 250\nlevel: debug\n')
    expect(load(file, { SLUICE_LOG_DIRECTORY: '/from/env' })).toEqual({
      log: { directory: '/from/env', receiptIntervalMs: 250 },
      level: 'debug',
      isShadow: false,
      ratios: [1.5, 1.25],
    })
  })

  test('are read from text as what they are', () => {
    const environment = {
      SLUICE_LOG_DIRECTORY: '17',
      SLUICE_LOG_RECEIPT_INTERVAL_MS: '50',
      SLUICE_IS_SHADOW: 'true',
      SLUICE_RATIOS: '2, 1.1',
    }
    expect(load(undefined, environment)).toMatchObject({
      log: { directory: '17', receiptIntervalMs: 50 },
      isShadow: true,
      ratios: [2, 1.1],
    })
  })

  test('are frozen to the bottom', () => {
    const settings = load(undefined, { SLUICE_LOG_DIRECTORY: '/x' })
    expect(Object.isFrozen(settings)).toBe(true)
    expect(Object.isFrozen(settings.log)).toBe(true)
    expect(Object.isFrozen(settings.ratios)).toBe(true)
  })

  test('take a secret from the file that a variable names, without its last line break', () => {
    const secret = fileWith('correct horse\n', 'key')
    const settings = load(undefined, {
      SLUICE_LOG_DIRECTORY: '/x',
      SLUICE_ACCOUNT_KEY_FILE: secret,
    })
    expect(settings.accountKey).toBe('correct horse')
  })
})

describe('wrong settings', () => {
  test('are reported all at once, each with its place', () => {
    const file = fileWith('log:\n  receiptIntervalMs: -5\nlevel: loud\ncolour: red\n')
    const problems = problemsOf(() => load(file, { SLUICE_IS_SHADOW: 'yes', SLUICE_RATIOS: '2,x' }))
    expect(problems).toHaveLength(6)
    expect(problems).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^\/sluice.yaml:2:3: log.directory: /),
        expect.stringMatching(/^\/sluice.yaml:2:22: log.receiptIntervalMs: /),
        expect.stringMatching(/^\/sluice.yaml:3:8: level: /),
        expect.stringMatching(/^\/sluice.yaml:4:9: colour: there is no such setting/),
        expect.stringMatching(/^SLUICE_IS_SHADOW: isShadow: /),
        expect.stringMatching(/^SLUICE_RATIOS: ratios.1: /),
      ]),
    )
  })

  test('name the variable to set when there is no file', () => {
    for (const environment of [{}, { SLUICE_LOG_RECEIPT_INTERVAL_MS: '9' }])
      expect(problemsOf(() => load(undefined, environment))).toEqual([
        expect.stringMatching(/^SLUICE_LOG_DIRECTORY: log.directory: /),
      ])
  })

  test('in a file that is not YAML are reported with line and column', () => {
    const file = fileWith('log:\n  directory: "open\n')
    expect(problemsOf(() => load(file, {}))[0]).toMatch(/^\/sluice.yaml:\d+:\d+: /)
  })

  test('in a file that is not there say so', () => {
    expect(problemsOf(() => load(join(folder, 'none.yaml'), {}))).toEqual([
      expect.stringContaining('/none.yaml: the settings file cannot be read: ENOENT'),
    ])
  })

  test('say when a secret cannot be read, or is given twice', () => {
    const environment = { SLUICE_LOG_DIRECTORY: '/x', SLUICE_ACCOUNT_KEY_FILE: '/nowhere/key' }
    expect(problemsOf(() => load(undefined, environment))).toEqual([
      expect.stringMatching(/^SLUICE_ACCOUNT_KEY_FILE: ENOENT/),
    ])
    const both = { ...environment, SLUICE_ACCOUNT_KEY: 'correct horse' }
    expect(problemsOf(() => load(undefined, both))).toEqual([
      'SLUICE_ACCOUNT_KEY: it is set, and so is SLUICE_ACCOUNT_KEY_FILE; unset one of them',
    ])
  })

  test('end the process with code 2 and a message of one line each', () => {
    const error = new SettingsError(['a: b', 'c: d'])
    expect(error.exitCode).toBe(2)
    expect(error.message).toBe('2 settings are wrong:\n  a: b\n  c: d')
  })

  test('never show the value of a secret', () => {
    const environment = { SLUICE_LOG_DIRECTORY: '/x', SLUICE_ACCOUNT_KEY: 'hunter2' }
    expect(problemsOf(() => load(undefined, environment)).join()).not.toContain('hunter2')
  })
})

describe('the description of settings', () => {
  test('has a row for each, with variable, type and default', () => {
    expect(describeSettings(schema, 'SLUICE')).toEqual([
      {
        setting: 'log.directory',
        variable: 'SLUICE_LOG_DIRECTORY',
        type: 'text',
        default: '',
        isRequired: true,
        isSecret: false,
        description: 'Where the log lies',
      },
      expect.objectContaining({
        setting: 'log.receiptIntervalMs',
        type: 'number',
        default: '1000',
      }),
      expect.objectContaining({ setting: 'level', type: 'debug | info', default: 'info' }),
      expect.objectContaining({ setting: 'isShadow', type: 'boolean', default: 'false' }),
      expect.objectContaining({ setting: 'ratios', type: 'list', default: '[1.5,1.25]' }),
      expect.objectContaining({ setting: 'accountKey', isSecret: true, isRequired: false }),
    ])
  })
})
