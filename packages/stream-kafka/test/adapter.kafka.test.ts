import { describeStreamLog } from '@sluice/testkit/adapter-suite'
import { describeWithKafka } from '@sluice/testkit/brokers'
import { kafkaWith } from './kafka-under-test.ts'

describeWithKafka('on a real broker', kafka => {
  describeStreamLog('Kafka is a log', async partitions => {
    const under = await kafkaWith(kafka().brokers, partitions)
    let log = await under.open()
    return {
      log,
      second: () => under.open(),
      reopen: async () => {
        await log.close()
        log = await under.open()
        return log
      },
      dispose: () => under.dispose(),
    }
  })
})
