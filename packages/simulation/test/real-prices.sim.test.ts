import { describe, expect, test } from '@jest/globals'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { verifyLog } from '@sluice/audit/verify-log'
import { readPriceFiles } from '@sluice/exchange-simulator/price-files'
import { openEmbeddedLog } from '@sluice/stream-embedded/embedded-log'
import { runSimulation } from '../src/run-simulation.ts'
import { temporaryDirectory } from './fixtures.ts'

/** Beside the repository, and not in it: the files belong to the venues that published them. */
const PRICES = fileURLToPath(new URL('../../../../shared/data/prices', import.meta.url))
const STEPS = 300

const FILES = [
  { file: 'binance_cm_BTCUSD_PERP_markprice_1m_2025-10-09_10.csv.gz', symbols: 1, accounts: 60 },
  { file: 'binance_um_panel_5m_2025-10-10_11.csv.gz', symbols: 63, accounts: 100 },
] as const

/** Skipped, and shown as skipped, where the files are not. */
const onRealPrices = existsSync(PRICES) ? describe : describe.skip

onRealPrices(`the first ${STEPS} seconds of real prices`, () => {
  test.each(FILES)('run, conserve money and verify: $file', async ({ file, symbols, accounts }) => {
    const series = readPriceFiles([join(PRICES, file)])
    expect(series).toHaveLength(symbols)
    const { path, remove } = await temporaryDirectory()
    const { summary } = await runSimulation({
      arguments: {
        scenario: null,
        prices: [{ name: file, sha256: '' }],
        accounts,
        seed: 7,
        policy: 'partial',
        evaluators: 1,
        steps: STEPS,
      },
      series,
      directory: path,
    })
    expect(summary).toMatchObject({ accounts, moneyConserved: true })
    const log = openEmbeddedLog({ directory: path, mode: 'each', readOnly: true, clock: () => 0 })
    const reports = await verifyLog(log, { evaluators: 1 })
    expect(reports.reduce((sum, { inputs }) => sum + inputs, 0)).toBeGreaterThan(STEPS * symbols)
    await log.close()
    await remove()
  })
})
