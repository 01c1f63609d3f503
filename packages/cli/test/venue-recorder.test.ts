import { expect, test } from '@jest/globals'
import { ExchangeSimulator } from '@sluice/exchange-simulator/simulator'
import type { VenueRecord } from '@sluice/exchange-simulator/types'
import { VenueRecorder } from '../src/venue-recorder.ts'

const accepted = (clientOrderId: string): VenueRecord => ({
  topic: 'execution-reports',
  key: 'account',
  event: {
    type: 'OrderAccepted',
    scope: 'account',
    clientOrderId,
    instrument: 'BTC-PERP',
    venueOrderId: `v-${clientOrderId}`,
  },
})

test('the venue says which orders it accepted, and which of them twice', () => {
  const simulator = new ExchangeSimulator({
    market: { kind: 'scenario', name: 'calm' },
    accounts: 3,
    seed: 1,
    mode: 'partial',
  })
  const recorder = new VenueRecorder(simulator)
  recorder.observe(simulator.open())
  recorder.observe([accepted('liquidation-execution-0/7'), accepted('liquidation-execution-0/9')])
  recorder.observe([accepted('liquidation-execution-0/7')])
  expect(recorder.report()).toMatchObject({
    steps: 0,
    ordersAccepted: 2,
    acceptedTwice: ['liquidation-execution-0/7'],
    moneyConserved: true,
    audit: { sound: true },
  })
})
