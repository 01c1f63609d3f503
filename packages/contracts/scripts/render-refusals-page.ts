import { GENERATED, table } from './markdown.ts'
import { REFUSALS } from '../src/refusals.ts'

/** The reasons of `InputRefused`. */
export function renderRefusalsPage(): string {
  const rows = Object.entries(REFUSALS).map(([reason, meaning]) => [`\`${reason}\``, meaning])
  const intro = `# Refusals

Why an input is refused: the \`reason\` of [InputRefused](events.md#inputrefused). Nothing of a refused input is applied, and
the task goes on. The event names topic, partition and offset, so the record can be read where it lies; \`detail\` says what
was wrong and what to do. A refused account record leaves its scope untrusted until the next good snapshot.`
  return `${GENERATED}\n\n${intro}\n\n${table(['reason', 'meaning'], rows)}`
}
