// Which member of a group reads which partition. Pure: partitions are dealt out in turn to the members that read their topic, so
// shares differ by at most one per topic and every partition has exactly one reader.
import type { TopicPartition } from './message-log.ts';

export interface GroupMember {
  id: string;
  topics: readonly string[];
}

/** By member id; `partitions` in the order in which they are dealt. */
export function assignPartitions(
  partitions: readonly TopicPartition[],
  members: readonly GroupMember[],
): Map<string, TopicPartition[]> {
  const assignment = new Map<string, TopicPartition[]>(members.map(({ id }) => [id, []]));
  for (const at of partitions) {
    const readers = members.filter(({ topics }) => topics.includes(at.topic));
    const least = readers
      .map(({ id }) => assignment.get(id) ?? [])
      .reduce<TopicPartition[] | undefined>((best, own) => (best && best.length <= own.length ? best : own), undefined);
    least?.push(at);
  }
  return assignment;
}
