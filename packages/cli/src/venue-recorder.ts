import { writeFile } from 'node:fs/promises'
import type { AuditReport } from '@sluice/exchange-simulator/auditor'
import type { ExchangeSimulator } from '@sluice/exchange-simulator/simulator'
import type { VenueRecord } from '@sluice/exchange-simulator/types'

/** The venue's own account of what happened. */
export interface VenueReport {
  readonly steps: number
  /** Different client order ids that were accepted. */
  readonly ordersAccepted: number
  /** Client order ids that were accepted more than once: never any. */
  readonly acceptedTwice: readonly string[]
  readonly fills: number
  readonly rejections: number
  /** Notional of forced orders [settlement currency], as decimal text. */
  readonly forcedNotional: string
  readonly moneyConserved: boolean
  readonly audit: AuditReport
}

/** Watches what the venue says, so that its account of orders does not rest on its own bookkeeping. */
export class VenueRecorder {
  readonly #simulator: ExchangeSimulator
  readonly #accepted = new Set<string>()
  readonly #acceptedTwice = new Set<string>()

  constructor(simulator: ExchangeSimulator) {
    this.#simulator = simulator
  }

  observe(records: readonly VenueRecord[]): void {
    for (const { event } of records) {
      if (event.type !== 'OrderAccepted') continue
      const { clientOrderId } = event
      if (this.#accepted.has(clientOrderId)) this.#acceptedTwice.add(clientOrderId)
      this.#accepted.add(clientOrderId)
    }
  }

  report(): VenueReport {
    const { steps, fills, rejections, forcedNotional, moneyConserved } = this.#simulator.summary()
    return {
      steps,
      ordersAccepted: this.#accepted.size,
      acceptedTwice: [...this.#acceptedTwice],
      fills,
      rejections,
      forcedNotional: forcedNotional.toFixed(),
      moneyConserved,
      audit: this.#simulator.audit(),
    }
  }

  async writeTo(file: string): Promise<void> {
    await writeFile(file, `${JSON.stringify(this.report(), null, 2)}\n`)
  }
}
