import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hostProcess } from '@sluice/service-host/host-process'
import { runSettingsSchema, type SimulatorSettings } from '../../src/run-settings.ts'
import { runVenue } from '../../src/run-venue.ts'
import type { VenueReport } from '../../src/venue-recorder.ts'
import { until, type Stand } from './stand.ts'

/** The exchange simulator beside the tasks of a test, in this process. */
export class RunningVenue {
  readonly #said = new Set<string>()
  readonly #stop = new AbortController()
  #running: Promise<void> | undefined
  #error: unknown
  #report = ''

  /** @throws what `runVenue` throws */
  static async open(stand: Stand, simulator: Partial<SimulatorSettings>): Promise<RunningVenue> {
    const venue = new RunningVenue()
    await venue.#open(stand, simulator)
    return venue
  }

  /** Its prices do not move any more, and it answers what is asked. */
  hasPathEnded(): boolean {
    return this.#hasSaid('path at its end')
  }

  /** Ends it; its own account of what happened. */
  async close(): Promise<VenueReport> {
    await this.#end()
    const report = await readFile(this.#report, 'utf8')
    return JSON.parse(report) as VenueReport
  }

  async #end(): Promise<void> {
    this.#stop.abort()
    await this.#running
  }

  async #open(stand: Stand, simulator: Partial<SimulatorSettings>): Promise<void> {
    const directory = await mkdtemp(join(tmpdir(), 'sluice-venue-'))
    stand.defer(() => rm(directory, { recursive: true }))
    stand.defer(() => this.#end())
    this.#report = join(directory, 'report.json')
    const settings = runSettingsSchema.parse({
      ...stand.settings,
      simulator: { ...simulator, report: this.#report },
    })
    const section = settings.simulator
    if (section === undefined) throw new TypeError('the settings have no simulator')
    const of = { name: 'venue', settings, signal: this.#stop.signal }
    this.#running = hostProcess(of, host => {
      const info = (_: object, message: string): void => void this.#said.add(message)
      return runVenue({ ...host, logger: Object.assign(host.logger, { info }) }, settings, section)
    })
    this.#running.catch((error: unknown) => (this.#error = error))
    await until('the venue is open', () => this.#hasSaid('venue open'))
  }

  #hasSaid(message: string): boolean {
    if (this.#error !== undefined) throw this.#error
    return this.#said.has(message)
  }
}
