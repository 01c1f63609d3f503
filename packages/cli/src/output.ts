import { SingleBar } from 'cli-progress'
import pc from 'picocolors'

export interface OutputOptions {
  readonly json: boolean
}

/** A long piece of work, shown as it goes. */
export interface Progress {
  readonly update: (done: number, note?: string) => void
  readonly stop: () => void
}

const PLAIN_STEPS = 10

/** Results go to standard output, everything else to standard error, so that either can be piped. */
export class Output {
  readonly #json: boolean

  constructor({ json }: OutputOptions) {
    this.#json = json
  }

  /** The result: one JSON object on one line, or what `render` makes of it for people. */
  result(value: object, render: () => string): void {
    process.stdout.write(`${this.#json ? JSON.stringify(value) : render()}\n`)
  }

  note(text: string): void {
    process.stderr.write(`${text}\n`)
  }

  /** A message to the command that forked this one; a bar on a terminal, a line for every tenth elsewhere, nothing with `--json`. */
  progress(label: string, total: number): Progress {
    if (process.send !== undefined) return messages(total)
    if (this.#json) return { update: () => undefined, stop: () => undefined }
    return process.stderr.isTTY ? bar(label, total) : lines(label, total)
  }
}

const PART_STEP = 0.01

function messages(total: number): Progress {
  let told = 0
  return {
    update: done => {
      const part = done / Math.max(total, 1)
      if (part < told + PART_STEP) return
      told = part
      process.send?.(part)
    },
    stop: () => undefined,
  }
}

function bar(label: string, total: number): Progress {
  const format = `${pc.bold(label)} {bar} {percentage}% {note}`
  const line = new SingleBar({ format, hideCursor: true, clearOnComplete: true })
  line.start(total, 0, { note: '' })
  return {
    update: (done, note = '') => line.update(done, { note }),
    stop: () => line.stop(),
  }
}

function lines(label: string, total: number): Progress {
  let shown = 0
  return {
    update: (done, note = '') => {
      const step = Math.floor((done / Math.max(total, 1)) * PLAIN_STEPS)
      if (step <= shown) return
      shown = step
      process.stderr.write(`${label}: ${step * PLAIN_STEPS} % ${note}\n`)
    },
    stop: () => undefined,
  }
}
