// Documents of 1.5 kB from the log into the archive: read, decoded, inserted and committed, by the consumer that the pipeline runs. The log has them
// synced, so these commits wait for no disk.
import { randomUUID } from 'node:crypto';
import { type DocumentMessage, encodeDocument } from '../../schemas/document.ts';
import { archiveConsumer } from '../../services/archive/archive-consumer.ts';
import { systemClock } from '../../services/runtime/clock.ts';
import { refillStore } from '../../services/storage/rebuild/refill-store.ts';
import type { Bench } from './bench.ts';
import { appendAll, inFolder, withEngines } from './embedded-files.ts';
import { median, perSecond } from './figures.ts';

const perRound = 30_000;
const rounds = 4;
const documentBytes = 1500;

export function plainDocument(position: number, userId = 'bench-user'): DocumentMessage {
  const value = { id: randomUUID(), day: '2026-11-01', score: position % 100, padding: '' };
  value.padding = randomUUID()
    .repeat(60)
    .slice(0, documentBytes - JSON.stringify(value).length);
  return {
    id: randomUUID(),
    userId,
    resource: 'daily_sleep',
    objectId: value.id,
    sequence: 1,
    time: '2026-11-01T06:00:00.000Z',
    via: 'poll',
    deleted: false,
    bytes: Buffer.from(JSON.stringify(value)),
  };
}

export const bench: Bench = {
  name: 'archive',
  run: () =>
    inFolder((folder) =>
      withEngines(folder, async ({ log, store }) => {
        const rates: number[] = [];
        for (let round = 0; round < rounds; round += 1) {
          const documents = Array.from({ length: perRound }, (_, position) => plainDocument(position));
          await appendAll({ log }, documents, encodeDocument);
          const startMs = performance.now();
          await refillStore({ log, store, definitions: [archiveConsumer({ archived: () => {} })], clock: systemClock });
          rates.push((perRound * 1000) / (performance.now() - startMs));
        }
        return [
          {
            measure: 'documents of 1.5 kB from the log into the archive',
            value: perSecond(median(rates)),
            goal: '≥ 30,000/s',
            beside: `${rounds} rounds of ${perRound}: ${rates.map(perSecond).join(', ')}`,
          },
        ];
      }),
    ),
};
