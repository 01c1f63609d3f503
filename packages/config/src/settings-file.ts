import { readFileSync } from 'node:fs'
import { isNode, LineCounter, parseDocument, type Document } from 'yaml'
import { messageOf } from './message-of.ts'
import { SettingsError } from './settings-error.ts'

/** A YAML file of settings, with the place of everything in it. */
export class SettingsFile {
  readonly path: string
  readonly #document: Document
  readonly #lines: LineCounter

  private constructor(path: string, document: Document, lines: LineCounter) {
    this.path = path
    this.#document = document
    this.#lines = lines
  }

  /** @throws SettingsError if the file cannot be read or is not YAML. */
  static read(path: string): SettingsFile {
    const lines = new LineCounter()
    const document = parseDocument(textOf(path), { lineCounter: lines, prettyErrors: false })
    const problems = document.errors.map(({ message, pos }) => {
      const { line, col } = lines.linePos(pos[0])
      return `${path}:${String(line)}:${String(col)}: ${message}`
    })
    if (problems.length > 0) throw new SettingsError(problems)
    return new SettingsFile(path, document, lines)
  }

  /** The whole file as plain data; an empty one is no settings. */
  value(): unknown {
    return this.#document.toJS() ?? {}
  }

  /** `sluice.yaml:3:5` of a setting, or of the nearest group around it that the file has. */
  placeOf(path: readonly PropertyKey[]): string {
    for (let length = path.length; length > 0; length--) {
      const node = this.#document.getIn(path.slice(0, length), true)
      if (isNode(node) && node.range) return this.#place(node.range[0])
    }
    return this.#place(0)
  }

  #place(offset: number): string {
    const { line, col } = this.#lines.linePos(offset)
    return `${this.path}:${String(line)}:${String(col)}`
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new SettingsError([`${path}: the settings file cannot be read: ${messageOf(error)}`])
  }
}
