// A position in the log: for each partition the next offset that has not been handled. The page's cursor is the position of its person's
// partitions, as text it gives back unread; any replica can go on from it.
import type { TopicPartition } from '../../runtime/log/message-log.ts';

export type Position = ReadonlyMap<string, number>;

export const partitionName = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;

export const encodeCursor = (position: Position): string =>
  [...position]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, next]) => `${name}:${next}`)
    .join(',');

/** Null when it is not a cursor: a page that gives back nonsense gets a snapshot. */
export function decodeCursor(text: string | null): Position | null {
  if (!text || text.length > 2000) return null;
  const position = new Map<string, number>();
  for (const part of text.split(',')) {
    const match = /^([\w.]+\/\d+):(\d{1,15})$/.exec(part);
    if (!match?.[1] || !match[2]) return null;
    position.set(match[1], Number(match[2]));
  }
  return position;
}
