import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { removeAtExit } from '../src/keeper.ts'
import { LocalProcess } from '../src/local-process.ts'

/** Starts a process, says its number, and ends when its standard input does. Argument: a directory to make and leave behind. */
const directory = process.argv[2] ?? ''
mkdirSync(directory)
removeAtExit(directory)
const child = new LocalProcess({
  name: 'sleep',
  command: 'sleep',
  args: ['60'],
  logFile: join(directory, 'log'),
})
process.stdout.write(`${child.pid}\n`)
process.stdin.resume()
await once(process.stdin, 'end')
