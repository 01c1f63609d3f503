/** Names of the built-in scenarios. */
export type ScenarioName = 'flash-crash' | 'grind' | 'squeeze' | 'calm'

/** A point the common factor passes; `turbulence` multiplies all noise on the way to it. */
interface ScenarioPoint {
  readonly minute: number
  readonly logReturn: number
  readonly turbulence: number
}

/** One scenario. `volatility` is the common factor's own, per second, at turbulence 1. */
interface Scenario {
  readonly about: string
  readonly volatility: number
  readonly points: readonly ScenarioPoint[]
}

/** The built-in scenarios. An instrument moves by its beta times the common factor: BTC 1, the last of the alts 1.85. */
export const SCENARIOS: Record<ScenarioName, Scenario> = {
  'flash-crash': {
    about:
      'Forty minutes: five calm, then a fall in three waves with a bounce between, then half of it back',
    volatility: 0.000_05,
    points: [
      { minute: 0, logReturn: 0, turbulence: 1 },
      { minute: 5, logReturn: 0, turbulence: 1 },
      { minute: 8, logReturn: -0.04, turbulence: 3 },
      { minute: 9, logReturn: -0.03, turbulence: 3 },
      { minute: 11, logReturn: -0.08, turbulence: 4 },
      { minute: 12, logReturn: -0.07, turbulence: 4 },
      { minute: 13, logReturn: -0.12, turbulence: 5 },
      { minute: 16, logReturn: -0.1, turbulence: 3 },
      { minute: 25, logReturn: -0.065, turbulence: 2 },
      { minute: 40, logReturn: -0.06, turbulence: 1 },
    ],
  },
  grind: {
    about: 'Four hours down by a seventh with small recoveries: margin is used up slowly',
    volatility: 0.000_06,
    points: [
      { minute: 0, logReturn: 0, turbulence: 1 },
      { minute: 60, logReturn: -0.04, turbulence: 1.5 },
      { minute: 75, logReturn: -0.03, turbulence: 1.2 },
      { minute: 140, logReturn: -0.09, turbulence: 1.5 },
      { minute: 160, logReturn: -0.08, turbulence: 1.2 },
      { minute: 230, logReturn: -0.15, turbulence: 2 },
      { minute: 240, logReturn: -0.145, turbulence: 1 },
    ],
  },
  squeeze: {
    about: 'An hour in which the price runs up and shorts are forced to buy',
    volatility: 0.000_06,
    points: [
      { minute: 0, logReturn: 0, turbulence: 1 },
      { minute: 10, logReturn: 0.01, turbulence: 1 },
      { minute: 20, logReturn: 0.06, turbulence: 2.5 },
      { minute: 24, logReturn: 0.13, turbulence: 4 },
      { minute: 30, logReturn: 0.11, turbulence: 3 },
      { minute: 60, logReturn: 0.07, turbulence: 1.5 },
    ],
  },
  calm: {
    about: 'An hour in which nothing much happens',
    volatility: 0.000_05,
    points: [
      { minute: 0, logReturn: 0, turbulence: 1 },
      { minute: 60, logReturn: 0, turbulence: 1 },
    ],
  },
}
