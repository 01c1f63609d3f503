import { describe, expect, test } from '@jest/globals'
import { FinishedRunUnreadableError } from '@sluice/audit/finished-run'
import { NotInLogError } from '@sluice/audit/errors'
import { PriceFileError } from '@sluice/exchange-simulator/errors'
import { TopologyError } from '@sluice/pipeline/topology'
import { EXIT, exitCodeOf } from '@sluice/service-host/exit-codes'
import { SimulationMismatchError } from '@sluice/simulation/arguments'
import {
  LogDamagedError,
  LogNotFoundError,
  NotASluiceLogError,
} from '@sluice/stream-embedded/errors'
import {
  HandlerFailedError,
  LogForkedError,
  ReplayDivergedError,
  RulesChangedError,
} from '@sluice/stream-runtime/errors'

const PLACE = { topic: 'price', partition: 0, offset: 7 }
const DIVERGENCE = {
  task: 'price-0',
  receipt: 3,
  kind: 'event',
  first: 'price-0/9',
  logged: 'aa',
  replayed: 'bb',
} as const

describe('a command ends with exit code', () => {
  test.each([
    new LogForkedError(PLACE, 'receipt_missing', 'no receipt'),
    new ReplayDivergedError(DIVERGENCE),
    new LogDamagedError('the checksum does not match', PLACE),
    new HandlerFailedError('price-0', 'market-data-0@7', new Error('no')),
  ])('3 where the log is not sound: $name', error => {
    expect(exitCodeOf(error)).toBe(EXIT.unsound)
  })

  test.each([
    new LogNotFoundError('out'),
    new NotASluiceLogError('out', 'text'),
    new TopologyError('none'),
    new NotInLogError('none'),
    new FinishedRunUnreadableError('none'),
    new RulesChangedError({ task: 'price-0', receipt: 3 }, 'written by logic version 9'),
    new SimulationMismatchError('another one'),
    new PriceFileError({ file: 'a.csv', line: 1, column: 1, problem: 'empty' }),
  ])('2 where something given cannot be read: $name', error => {
    expect(exitCodeOf(error)).toBe(EXIT.unreadable)
  })

  test('1 where the program is at fault', () => {
    for (const error of [new Error('what'), new TypeError('what'), new RangeError('what'), 'what'])
      expect(exitCodeOf(error)).toBe(EXIT.fault)
  })
})
