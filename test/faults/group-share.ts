// What one member of a consumer group has of the group's work, by its own metrics.
export interface GroupShare {
  /** `topic/partition` of what it was given. */
  partitions: string[];
  /** Messages that it has brought to an end, by topic and outcome, added up. */
  handled: number;
}

const labelled = /^(\w+)\{(.*)\} (\S+)$/;
const label = (labels: string, name: string): string => new RegExp(`${name}="([^"]*)"`).exec(labels)?.[1] ?? '';

/** @param url main address of the process */
export async function groupShare(url: string, consumer: string): Promise<GroupShare> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const share: GroupShare = { partitions: [], handled: 0 };
  for (const line of text.split('\n')) {
    const [, name, labels = '', value] = labelled.exec(line) ?? [];
    if (label(labels, 'consumer') !== consumer) continue;
    if (name === 'oura_consumer_lag_messages')
      share.partitions.push(`${label(labels, 'topic')}/${label(labels, 'partition')}`);
    if (name === 'oura_consumer_messages_total') share.handled += Number(value);
  }
  return share;
}

/** What is wrong with how these share `partitions` partitions: each must be with one of them, and all must have as many. */
export function unfairness(shares: readonly GroupShare[], partitions: number): string | undefined {
  const given = shares.flatMap((share) => share.partitions);
  const distinct = new Set(given).size;
  if (distinct !== given.length) return `${given.length - distinct} partitions are with two members`;
  if (given.length !== partitions) return `${given.length} of ${partitions} partitions are with a member`;
  const counts = shares.map((share) => share.partitions.length);
  return new Set(counts).size === 1 ? undefined : `the members have ${counts.join(', ')} partitions`;
}
