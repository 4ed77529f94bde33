// Documents of 1.5 kB from Kafka into the archive in PostgreSQL, by the archive service as the stack runs it.
import { documentsTopic, encodeDocument } from '../../schemas/document.ts';
import { archiveConsumerName } from '../../services/archive/archive-consumer.ts';
import { plainDocument } from './archive.ts';
import type { Bench } from './bench.ts';
import { appendAll } from './embedded-files.ts';
import { costOf, type Drained, drain } from './engines/drain.ts';
import { onEngines } from './engines/engine-stack.ts';
import { median, perSecond } from './figures.ts';

const perRound = 120_000;
const rounds = 3;
/** A broker that was just started takes three times the processor time for a record. */
const warmUpRounds = 2;
const people = 60;

export const bench: Bench = {
  name: 'engines-archive',
  run: () =>
    onEngines('documents of 1.5 kB from Kafka into PostgreSQL', async (stack) => {
      const drained: Drained[] = [];
      for (let round = -warmUpRounds; round < rounds; round += 1) {
        const documents = Array.from({ length: perRound }, (_, position) =>
          plainDocument(position, `bench-${position % people}`),
        );
        await appendAll(stack.engines, documents, encodeDocument);
        const one = await drain(stack, {
          services: ['archive'],
          consumer: archiveConsumerName,
          topic: documentsTopic,
        });
        if (round >= 0) drained.push(one);
      }
      const rates = drained.map((each) => each.perSecond);
      return [
        {
          measure: 'documents of 1.5 kB from Kafka into PostgreSQL, one archive process',
          value: perSecond(median(rates)),
          goal: '≥ 40,000/s',
          beside: `${rates.map(perSecond).join(', ')}; ${costOf(drained)}`,
        },
      ];
    }),
};
