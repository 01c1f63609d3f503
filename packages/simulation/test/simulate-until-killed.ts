import { once } from 'node:events'
import { writeSync } from 'node:fs'
import { runSimulation } from '../src/run-simulation.ts'
import { SHARP, SHARP_SERIES } from './sharp-crash.ts'

/**
 * A process to be killed: when its input says so, it simulates the sharp crash into a directory, or goes on with what is there, and says
 * on its standard output the number of every step. At the end it waits: only a signal ends it while its input is open.
 */
const [directory = ''] = process.argv.slice(2)
await once(process.stdin, 'data')
writeSync(1, '0\n')
await runSimulation({
  arguments: SHARP,
  series: SHARP_SERIES,
  directory,
  resume: true,
  onStep: step => writeSync(1, `${step}\n`),
})
