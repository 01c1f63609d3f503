import { SnapshotDamagedError } from '@sluice/stream-runtime/errors'
import type { Snapshot, SnapshotManifest, SnapshotStore } from '@sluice/stream-runtime/snapshots'

/**
 * Two places for snapshots, one beside the process and one that other machines reach. Saved is to both; taken is the newer of what
 * they have, from the near one where they have the same.
 */
export class LayeredSnapshots implements SnapshotStore {
  readonly #near: SnapshotStore
  readonly #far: SnapshotStore

  readonly #onSkipped: (task: string, reason: unknown) => void

  constructor(
    near: SnapshotStore,
    far: SnapshotStore,
    onSkipped: (task: string, reason: unknown) => void,
  ) {
    this.#near = near
    this.#far = far
    this.#onSkipped = onSkipped
  }

  async save(snapshot: Snapshot): Promise<void> {
    await this.#near.save(snapshot)
    await this.#far.save(snapshot)
  }

  async newest(
    task: string,
    accepts: (manifest: SnapshotManifest) => boolean | Promise<boolean>,
  ): Promise<Snapshot | undefined> {
    const near = await this.#newestNear(task, accepts)
    const newer = async (manifest: SnapshotManifest): Promise<boolean> =>
      manifest.sequence > (near?.manifest.sequence ?? -1) && (await accepts(manifest))
    return (await this.#far.newest(task, newer)) ?? near
  }

  async #newestNear(
    task: string,
    accepts: (manifest: SnapshotManifest) => boolean | Promise<boolean>,
  ): Promise<Snapshot | undefined> {
    try {
      return await this.#near.newest(task, accepts)
    } catch (error) {
      if (!(error instanceof SnapshotDamagedError)) throw error
      this.#onSkipped(task, error)
      return undefined
    }
  }
}
