import { fileURLToPath } from 'node:url'

/** A process of the stack that serves `/readyz` and `/metrics`. */
export interface StackMember {
  readonly name: string
  /** Arguments of Node: the program and its own. */
  readonly args: readonly string[]
}

const SERVICES = ['price', 'margin-evaluation', 'liquidation-execution', 'cascade-analytics']

const [, OURSELVES = ''] = process.argv

/** Arguments that run a command of ours in a process of its own. */
export const commandArgs = (...words: readonly string[]): readonly string[] => [
  ...process.execArgv,
  OURSELVES,
  ...words,
]

/** The four services, then the exchange simulator, all with one file of settings. */
export function stackMembers(settingsFile: string): readonly StackMember[] {
  const services = SERVICES.map(name => ({
    name,
    args: [...process.execArgv, mainOf(name), settingsFile],
  }))
  return [
    ...services,
    { name: 'exchange-simulator', args: commandArgs('run', '--config', settingsFile) },
  ]
}

/** The program of a service: its source where ours is run from source, else what was built of it. */
const mainOf = (service: string): string =>
  fileURLToPath(import.meta.resolve(`@sluice/${service}/main`))
