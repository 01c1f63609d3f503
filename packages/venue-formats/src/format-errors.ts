/** One thing that is wrong with a mapping, and where in it. */
export interface MappingFault {
  /** `rules.3.fields.priceTicks` */
  readonly place: string
  readonly fault: string
}

/** The format of an input topic cannot be used as it is set; it says everything that is wrong with it at once. */
export class FormatError extends Error {
  override readonly name = 'FormatError'
  readonly faults: readonly MappingFault[]

  constructor(topic: string, format: string, faults: readonly MappingFault[]) {
    const lines = faults.map(({ place, fault }) => `  ${place}: ${fault}`)
    super(
      [
        `kafka.topics.${topic} cannot be read as ${format}:`,
        ...lines,
        'See docs/reference/formats.md.',
      ].join('\n'),
    )
    this.faults = faults
  }
}
