import type { LiquidationPolicySet } from '@sluice/contracts/generated/events'

/** A version that a person put in force; null: until the next activation. */
export interface Activation {
  readonly policy: string
  readonly version: number
  readonly expiresAt: number | null
}

/**
 * Every policy version known, and which one is in force: the one a person activated, or else the one set last. An activated version
 * that has not been read yet comes into force when it is.
 */
export class PolicyBook {
  readonly #versions = new Map<string, LiquidationPolicySet>()
  /** The record set last. */
  latest: LiquidationPolicySet | null = null
  activation: Activation | null = null

  add(record: LiquidationPolicySet): void {
    this.#versions.set(keyOf(record), record)
    this.latest = record
  }

  inForce(): LiquidationPolicySet | null {
    const { activation } = this
    const activated = activation === null ? undefined : this.#versions.get(keyOf(activation))
    return activated ?? this.latest
  }

  /** Whether an activation has lapsed, and is taken back. */
  lapse(now: number): boolean {
    const expiresAt = this.activation?.expiresAt ?? null
    if (expiresAt === null || expiresAt > now) return false
    this.activation = null
    return true
  }

  /** In the order of policy and version. */
  versions(): LiquidationPolicySet[] {
    return [...this.#versions.values()].sort(
      (a, b) => compare(a.policy, b.policy) || a.version - b.version,
    )
  }
}

const keyOf = ({ policy, version }: { policy: string; version: number }): string =>
  `${policy}@${version}`

const compare = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1)
