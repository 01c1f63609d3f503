import { LocalProcess } from './local-process.ts'
import { javaTool } from './tools.ts'

export interface JavaOptions {
  readonly name: string
  readonly heapMb: number
  /** Virtual machine's own options, then what to run and its arguments. */
  readonly args: readonly string[]
  readonly logFile: string
}

/** Starts a Java program with its output in a file. */
export function startJava({ name, heapMb, args, logFile }: JavaOptions): LocalProcess {
  return new LocalProcess({
    name,
    command: javaTool('java'),
    args: [`-Xmx${heapMb}m`, '-Djava.awt.headless=true', ...args],
    logFile,
  })
}
