import { readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { redrive, redrivenOf } from '@sluice/pipeline/redrive'
import { stopSignal } from '@sluice/service-host/run-main'
import { DeadLetterForwarder } from '@sluice/stream-kafka/dead-letters'
import { Command } from 'commander'
import { filtered, letterOf, lineOf, shownOf, tasksOf, withDeadLetters } from '../dead-letters.ts'
import { Output, type OutputOptions } from '../output.ts'

interface DlqOptions extends OutputOptions {
  readonly config?: string
  readonly filter?: string
}

interface RedriveOptions extends DlqOptions {
  readonly value?: string
  readonly actor: string
  readonly reason: string
  readonly approver?: string
}

const LOOK_EVERY_MS = 1000

/** `sluice dlq list|show|redrive|forward` */
export function dlqCommand(): Command {
  const dlq = new Command('dlq').description('records that were refused, and what becomes of them')
  dlq.addCommand(command('list', 'all dead letters').action(list))
  dlq.addCommand(command('show <id>', 'one dead letter, with its bytes').action(show))
  dlq.addCommand(
    command(
      'redrive [id]',
      'write a dead letter to its topic once more, or all that a filter leaves',
    )
      .requiredOption('--actor <name>', 'who decides')
      .requiredOption('--reason <text>', 'why')
      .option('--approver <name>', 'second approver')
      .option('--value <file>', 'with an id: the corrected bytes of the record')
      .action(redriveThem),
  )
  dlq.addCommand(
    command('forward', 'copy what tasks refuse, until SIGTERM or Ctrl-C').action(forward),
  )
  return dlq
}

const command = (usage: string, description: string): Command => {
  const [name, ...given] = usage.split(' ')
  const made = new Command(name)
    .description(description)
    .option('--config <file>', 'YAML settings; variables SLUICE_… win over it')
    .option('--filter <what>', 'reason=… or topic=…')
    .option('--json', 'one JSON object', false)
    .exitOverride()
  return given.length === 0 ? made : made.arguments(given.join(' '))
}

async function list({ config, filter, ...options }: DlqOptions): Promise<void> {
  await withDeadLetters(config, {}, async ({ logs, log, letters }) => {
    const redriven = await redrivenOf(log, logs.layout)
    const shown = filtered(letters, filter).map(each => shownOf(each, redriven.has(each.id)))
    const lines = [`${shown.length} dead letters`, ...shown.map(lineOf)]
    new Output(options).result({ deadLetters: shown }, () => lines.join('\n'))
  })
}

async function show(id: string, { config, ...options }: DlqOptions): Promise<void> {
  await withDeadLetters(config, {}, async ({ logs, log, letters }) => {
    const redriven = await redrivenOf(log, logs.layout)
    const shown = shownOf(letterOf(letters, id), redriven.has(id))
    new Output(options).result(shown, () => JSON.stringify(shown, null, 2))
  })
}

async function redriveThem(id: string | undefined, options: RedriveOptions): Promise<void> {
  const { config, filter, actor, reason, approver = null, value } = options
  await withDeadLetters(config, {}, async ({ logs, log, letters }) => {
    const chosen = id === undefined ? filtered(letters, filter ?? '') : [letterOf(letters, id)]
    const corrected = value === undefined || id === undefined ? {} : { value: readFileSync(value) }
    const by = { actor, reason, approver }
    const done: { id: string; operation: string | null }[] = []
    for (const letter of chosen) {
      const operation = await redrive({ log, layout: logs.layout, letter, by, ...corrected })
      done.push({ id: letter.id, operation })
    }
    const text = done.map(each => `${each.id}: ${each.operation ?? 'already done'}`)
    new Output(options).result({ redriven: done }, () => text.join('\n'))
  })
}

async function forward({ config, ...options }: DlqOptions): Promise<void> {
  const signal = stopSignal()
  await withDeadLetters(config, { isForwarding: true }, async ({ logs, log, store }) => {
    const forwarder = new DeadLetterForwarder({ log, store, tasks: tasksOf(logs) })
    let forwarded = 0
    while (!signal.aborted) {
      forwarded += await forwarder.advance()
      await setTimeout(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined)
    }
    new Output(options).result({ forwarded }, () => `${forwarded} dead letters forwarded`)
  })
}
