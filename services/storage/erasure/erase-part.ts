// One service's part of erasing a person: its rows first, then one tombstone for each key on the topics it writes and on their dead letters.
// Every step may be repeated, so whoever was killed in between begins again, and a repeated round sweeps up what was on its way meanwhile.
import { deadLetterTopic } from '../../../schemas/dead-letter.ts';
import type { WireRecord } from '../../../schemas/wire.ts';
import type { MessageLog } from '../../runtime/log/message-log.ts';
import { type Erasure, idsOf } from '../erasures.ts';
import { createLivingKeys, type LivingKey, type LivingKeys } from './living-keys.ts';

export interface ErasePart {
  /** Topics that this service writes. */
  topics: readonly string[];
  /** Removes the person's rows from this service's tables. Repeatable. */
  eraseRows(erasure: Erasure): Promise<void>;
}

export const withDeadLetters = (topics: readonly string[]): string[] =>
  topics.flatMap((topic) => [topic, deadLetterTopic(topic)]);

/** What a round needs to remember for the next. */
export const keysOfPart = (log: MessageLog, part: ErasePart, erasure: Erasure): LivingKeys =>
  createLivingKeys(log, withDeadLetters(part.topics), idsOf(erasure));

const tombstonesPerAppend = 500;
/** Its key names nobody. It ends the tombstones of a person, so that compaction may take the last of them as well. */
const closingKey = 'erased';

/** One round. @throws Failure of a store or the log */
export async function eraseOnce(
  log: MessageLog,
  part: ErasePart,
  erasure: Erasure,
  keys: LivingKeys = keysOfPart(log, part, erasure),
): Promise<void> {
  await part.eraseRows(erasure);
  const living = await keys.find();
  for (let start = 0; start < living.length; start += tombstonesPerAppend)
    await log.append(tombstonesOf(living.slice(start, start + tombstonesPerAppend)));
}

/** In one append: the embedded log takes all of them or none. */
function tombstonesOf(living: readonly LivingKey[]): WireRecord[] {
  const places = new Map(living.map((at) => [`${at.topic}\n${at.partitionKey}`, at]));
  return [
    ...living.map(({ topic, key, partitionKey }) => tombstone(topic, key, partitionKey)),
    ...[...places.values()].map(({ topic, partitionKey }) => tombstone(topic, closingKey, partitionKey)),
  ];
}

const tombstone = (topic: string, key: string, partitionKey: string): WireRecord => ({
  topic,
  partitionKey,
  key,
  value: null,
  headers: {},
});
