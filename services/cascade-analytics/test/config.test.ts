import { describe, expect, test } from '@jest/globals'
import { loadSettings } from '@sluice/config/load-settings'
import { SettingsError } from '@sluice/config/settings-error'
import { analyticsConfig } from '../src/config.ts'
import { DEFAULT_ANALYTICS_SETTINGS, settingsText } from '../src/settings.ts'

function load(environment: Record<string, string>) {
  return loadSettings(analyticsConfig, { environment, prefix: 'SLUICE' })
}

describe('the settings of a process of cascade-analytics', () => {
  test('are the documented defaults when only the log is named', () => {
    const settings = load({ SLUICE_LOG_DIRECTORY: '/data' }).analytics
    expect(settingsText(settings)).toBe(settingsText(DEFAULT_ANALYTICS_SETTINGS))
  })

  test('are refused when a shock is no fraction or a gap no time', () => {
    const directory = { SLUICE_LOG_DIRECTORY: '/data' }
    for (const wrong of [{ SLUICE_ANALYTICS_SHOCK_RATE: '1' }, { SLUICE_ANALYTICS_GAP_MS: '0' }]) {
      expect(() => load({ ...directory, ...wrong })).toThrow(SettingsError)
    }
  })
})
