import { isOurs, TOPICS, type TopicName } from '@sluice/contracts/topics'
import type { InputCodec } from '@sluice/stream-runtime/inputs'
import { codecOf, type TopicFormat } from '@sluice/venue-formats/codecs'

/** How the exchange's topics are read, where that is not our Avro. @throws FormatError */
export function inputCodecs(
  formats: Readonly<Record<string, TopicFormat | undefined>>,
): Partial<Record<TopicName, InputCodec>> {
  const codecs: Partial<Record<TopicName, InputCodec>> = {}
  for (const { name } of TOPICS.filter(spec => !isOurs(spec))) {
    const format = formats[name]
    const codec = format === undefined ? undefined : codecOf(name, format)
    if (codec !== undefined) codecs[name] = codec
  }
  return codecs
}
