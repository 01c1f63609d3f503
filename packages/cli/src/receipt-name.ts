import { InvalidArgumentError } from 'commander'

/** A receipt by its task and its sequence there. */
export interface ReceiptName {
  readonly task: string
  readonly sequence: number
}

const FORM = /^([a-z-]+-\d+)#([1-9]\d*)$/

/** Parser of `<task>#<sequence>`. */
export function parseReceipt(text: string): ReceiptName {
  const [, task, sequence] = FORM.exec(text) ?? []
  if (task !== undefined && sequence !== undefined) return { task, sequence: Number(sequence) }
  throw new InvalidArgumentError('Give a receipt as task#sequence, for example price-0#12.')
}
