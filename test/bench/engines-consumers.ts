// What replicas give, how fast what an outage left is caught up, and what an event costs by the number of people. The services are processes as the stack runs
// them, six partitions, documents of 1.5 kB. On two cores processes, broker and databases share what there is: a second replica can only use what the first left.
import { setTimeout as wait } from 'node:timers/promises';
import { type DocumentMessage, documentsTopic, encodeDocument } from '../../schemas/document.ts';
import { archiveConsumerName } from '../../services/archive/archive-consumer.ts';
import { normalizeConsumerName } from '../../services/normalize/normalize-consumer.ts';
import { plainDocument } from './archive.ts';
import type { Bench, Figure } from './bench.ts';
import { appendAll } from './embedded-files.ts';
import { costOf, type Drained, drain } from './engines/drain.ts';
import { type EngineStack, onEngines } from './engines/engine-stack.ts';
import { perSecond, seconds, wholeNumber } from './figures.ts';

const perRun = 40_000;
/** So many that the start of the later replicas, which the first does not wait for, is little of the time. */
const runsOfReplicas = 5;
const usualPeople = 600;
/** Events a second: ten times what 10,000 rings make, which is about a hundred versions of documents a day each. */
const liveRate = 120;
const outageS = 600;
const dayMs = 86_400_000;

const archive = { services: ['archive'], consumer: archiveConsumerName, topic: documentsTopic };
const normalize = { services: ['normalize'], consumer: normalizeConsumerName, topic: documentsTopic };

/** One document a day for each person, so that they do not speak of the same points. */
function documentOf(position: number, people: number): DocumentMessage {
  const document = plainDocument(position, `bench-${position % people}`);
  const day = new Date(dayMs * (8000 + Math.floor(position / people))).toISOString().slice(0, 10);
  return { ...document, bytes: Buffer.from(Buffer.from(document.bytes).toString().replace('2026-11-01', day)) };
}

const fill = (stack: EngineStack, count: number, people: number, from = 0) =>
  appendAll(
    stack.engines,
    Array.from({ length: count }, (_, index) => documentOf(from + index, people)),
    encodeDocument,
  );

async function replicas(stack: EngineStack): Promise<Figure[]> {
  const drained: Drained[] = [];
  for (const replicas of [1, 2, 3]) {
    for (let run = 0; run < runsOfReplicas; run += 1) await fill(stack, perRun, usualPeople);
    drained.push(await drain(stack, { ...archive, replicas }));
  }
  return [
    {
      measure: 'archive with 1, 2 and 3 replicas, six partitions',
      value: drained.map((each) => perSecond(each.perSecond)).join(', '),
      beside: drained.map((each) => costOf([each])).join('; '),
    },
  ];
}

async function people(stack: EngineStack): Promise<Figure[]> {
  const drained: Drained[] = [];
  for (const count of [1, 100, 10_000]) {
    await fill(stack, perRun, count);
    drained.push(await drain(stack, archive));
  }
  return [
    {
      measure: 'processor time of the archive service for an event of 1, 100 and 10,000 people',
      value: drained.map(({ cpu }) => `${cpu.service.toFixed(1)} µs`).join(', '),
      goal: 'flat',
      beside: `${drained.map((each) => perSecond(each.perSecond)).join(', ')}; one person is one partition`,
    },
  ];
}

/** The services were down, the log was not; events go on arriving while they catch up, one service after the other. */
async function afterOutage(stack: EngineStack): Promise<Figure[]> {
  const missed = liveRate * outageS;
  await fill(stack, missed, usualPeople);
  let isOver = false;
  const live = (async () => {
    const everyMs = 100;
    const each = (liveRate * everyMs) / 1000;
    for (let position = missed; !isOver; position += each) {
      await fill(stack, each, usualPeople, position);
      await wait(everyMs);
    }
  })();
  try {
    const figures: Figure[] = [];
    for (const plan of [archive, normalize]) {
      const drained = await drain(stack, plan);
      figures.push({
        measure: `catching up after ten minutes without the ${plan.consumer} service, at ${liveRate} events a second`,
        value: `${(drained.perSecond / liveRate).toFixed(0)} × the live rate`,
        goal: '≥ 5 ×',
        beside: `${perSecond(drained.perSecond)}, so ${wholeNumber(missed)} events in ${seconds((missed * 1000) / drained.perSecond)} while others arrive; ${costOf([drained])}`,
      });
    }
    return figures;
  } finally {
    isOver = true;
    await live;
  }
}

export const bench: Bench = {
  name: 'engines-consumers',
  run: () =>
    onEngines(
      'consumers on the engines',
      async (stack) => [...(await afterOutage(stack)), ...(await replicas(stack)), ...(await people(stack))],
      { influx: true },
    ),
};
