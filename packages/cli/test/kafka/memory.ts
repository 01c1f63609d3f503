import type { PipelineProcess } from '@sluice/testkit/pipeline-process'

const MEGABYTE = 1024 * 1024

interface Held {
  readonly process: PipelineProcess
  readonly first: number
  most: number
}

/** What processes hold in memory, looked at again and again. */
export class Memory {
  readonly #held: readonly Held[]

  private constructor(held: readonly Held[]) {
    this.#held = held
  }

  static async of(processes: readonly PipelineProcess[]): Promise<Memory> {
    return new Memory(
      await Promise.all(
        processes.map(async process => {
          const first = (await process.residentBytes()) ?? 0
          return { process, first, most: first }
        }),
      ),
    )
  }

  async look(): Promise<void> {
    for (const held of this.#held)
      held.most = Math.max(held.most, (await held.process.residentBytes()) ?? 0)
  }

  /** Of the process that has grown most. */
  get growthBytes(): number {
    return Math.max(...this.#held.map(({ first, most }) => most - first))
  }

  /** For people. */
  text(): string {
    const mb = (bytes: number) => Math.round(bytes / MEGABYTE)
    const each = this.#held.map(
      ({ process, first, most }) => `${process.name} ${mb(first)} → ${mb(most)} MB at most`,
    )
    return `memory: ${each.join('; ')}`
  }
}
