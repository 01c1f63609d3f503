import { once } from 'node:events'
import { runSimulation } from '../src/run-simulation.ts'
import { SHARP, SHARP_SERIES } from './sharp-crash.ts'

/**
 * A process to be killed: when its input says so, it simulates the sharp crash into a directory, or goes on with what is there, and says
 * on its standard output, which blocks while nobody reads, the number of every step. At the end it waits: only a signal ends it while its input is open.
 */
const [directory = ''] = process.argv.slice(2)
await once(process.stdin, 'data')
process.stdout.write('0\n')
await runSimulation({
  arguments: SHARP,
  series: SHARP_SERIES,
  directory,
  resume: true,
  onStep: step => void process.stdout.write(`${step}\n`),
})
