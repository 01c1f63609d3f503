import Table from 'cli-table3'
import pc from 'picocolors'
import type { Health, ProcessState } from './stack-process.ts'

/** Shows how the stack is. */
export interface StackScreen {
  show(states: readonly ProcessState[]): void
  say(text: string): void
}

const COLOURS: Readonly<Record<Health, (text: string) => string>> = {
  starting: pc.yellow,
  ready: pc.green,
  'not ready': pc.yellow,
  ended: pc.red,
}

/** A table that is drawn over itself on a terminal, else a line for each thing that changed. */
export function stackScreen(out: NodeJS.WriteStream): StackScreen {
  return out.isTTY ? new TableScreen(out) : new LineScreen(out)
}

const liquidationsText = ({ liquidations }: ProcessState): string =>
  liquidations === undefined ? '' : `${liquidations.started} begun, ${liquidations.ended} over`

class TableScreen implements StackScreen {
  readonly #out: NodeJS.WriteStream
  #linesDrawn = 0

  constructor(out: NodeJS.WriteStream) {
    this.#out = out
  }

  say(text: string): void {
    this.#out.write(`${text}\n`)
    this.#linesDrawn = 0
  }

  show(states: readonly ProcessState[]): void {
    const table = new Table({ head: ['process', 'pid', 'health', 'lag', 'liquidations'] })
    for (const state of states) {
      const { name, pid, health, lagRecords } = state
      table.push([name, pid, COLOURS[health](health), lagRecords ?? '', liquidationsText(state)])
    }
    const reasons = states.filter(({ reason }) => reason !== '')
    const text = [
      table.toString(),
      ...reasons.map(({ name, reason }) => pc.red(`${name} ${reason}`)),
    ].join('\n')
    const back = this.#linesDrawn === 0 ? '' : `\u001b[${this.#linesDrawn}F\u001b[J`
    this.#out.write(`${back}${text}\n`)
    this.#linesDrawn = text.split('\n').length
  }
}

class LineScreen implements StackScreen {
  readonly #out: NodeJS.WriteStream
  readonly #shown = new Map<string, string>()

  constructor(out: NodeJS.WriteStream) {
    this.#out = out
  }

  say(text: string): void {
    this.#out.write(`${text}\n`)
  }

  show(states: readonly ProcessState[]): void {
    for (const state of states) {
      const { name, pid, health, reason } = state
      this.#sayIfNew(
        name,
        reason === '' ? `${name} (${pid}) ${health}` : `${name} (${pid}) ${reason}`,
      )
      if (state.liquidations === undefined) continue
      const { started, ended } = state.liquidations
      this.#sayIfNew(`${name}'s`, `${name}: ${started} liquidations begun, ${ended} over`)
    }
  }

  #sayIfNew(what: string, text: string): void {
    if (this.#shown.get(what) === text) return
    this.#shown.set(what, text)
    this.say(text)
  }
}
