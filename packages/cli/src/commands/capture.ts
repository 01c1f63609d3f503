import { captureTopic, type CapturedPartition } from '@sluice/stream-kafka/capture'
import { Command } from 'commander'
import { kafkaPlace } from '../kafka-place.ts'
import { Output, type OutputOptions } from '../output.ts'

interface CaptureCommandOptions extends OutputOptions {
  readonly from: string
  readonly to: string
  readonly config?: string
  readonly once: boolean
}

/** `sluice capture --from TOPIC --to TOPIC` */
export function captureCommand(): Command {
  return new Command('capture')
    .description(
      'copy a topic whose records do not stay, or have gaps, to one that can be replayed; it goes on where it stopped',
    )
    .requiredOption('--from <topic>', 'the topic by its name on the broker')
    .requiredOption('--to <topic>', 'its copy, created if it is not there')
    .option('--config <file>', 'YAML settings; variables SLUICE_… win over it')
    .option('--once', 'end when what is there has been copied', false)
    .option('--json', 'one JSON object', false)
    .action(async (options: CaptureCommandOptions) => {
      const { from, to, once } = options
      const place = kafkaPlace(options.config)
      const partitions = await captureTopic({
        client: place.connect('capture'),
        from,
        to,
        once,
        replicationFactor: place.settings.replicationFactor,
        signal: stopSignal(),
      })
      new Output(options).result({ from, to, partitions }, () =>
        partitions.map(each => lineOf(to, each)).join('\n'),
      )
    })
}

function stopSignal(): AbortSignal {
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      stop.abort()
    })
  return stop.signal
}

function lineOf(to: string, { partition, copied, next, missed }: CapturedPartition): string {
  const lost = missed === 0 ? '' : `; ${missed} offsets were gone before they were copied`
  return `${to}-${partition}: ${copied} copied, next is ${next} of the source${lost}`
}
