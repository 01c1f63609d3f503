import { describe, expect, test } from '@jest/globals'
import { loadSettings } from '@sluice/config/load-settings'
import { SettingsError } from '@sluice/config/settings-error'
import { priceConfig, priceSettingsOf } from '../src/config.ts'
import { DEFAULT_PRICE_SETTINGS, settingsText } from '../src/settings.ts'

function load(environment: Record<string, string>) {
  return loadSettings(priceConfig, { environment, prefix: 'SLUICE' })
}

describe('the settings of a price process', () => {
  test('are the documented defaults when only the log is named', () => {
    const settings = priceSettingsOf(load({ SLUICE_LOG_DIRECTORY: '/data' }).price)
    expect(settingsText(settings)).toBe(settingsText(DEFAULT_PRICE_SETTINGS))
  })

  test('come from the environment, rates as exact text', () => {
    const config = load({
      SLUICE_LOG_DIRECTORY: '/data',
      SLUICE_PRICE_DIVERGENCE_RATE_MAX: '0.0125',
      SLUICE_PRICE_HEARTBEAT_INTERVALS: '4',
    })
    const settings = priceSettingsOf(config.price)
    expect(settings.divergenceRateMax.toFixed()).toBe('0.0125')
    expect(settings.heartbeatIntervals).toBe(4)
  })

  test('are refused all at once when several are wrong', () => {
    const wrong = () =>
      load({
        SLUICE_PRICE_DIVERGENCE_RATE_MAX: '0',
        SLUICE_PRICE_SOURCE_SKEW_MAX_MS: '-5',
      })
    expect(wrong).toThrow(SettingsError)
    expect(wrong).toThrow(
      /SLUICE_LOG_DIRECTORY[^]*DIVERGENCE_RATE_MAX|DIVERGENCE_RATE_MAX[^]*SLUICE_LOG_DIRECTORY/,
    )
  })
})
