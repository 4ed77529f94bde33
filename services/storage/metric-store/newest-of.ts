// A batch may hold several versions of one object; only the highest matters to a store.
import type { MetricsMessage } from '../../../schemas/metrics-message.ts';
import { documentKey } from '../metric-points.ts';

export function newestOf(messages: readonly MetricsMessage[]): MetricsMessage[] {
  const newest = new Map<string, MetricsMessage>();
  for (const message of messages) {
    const other = newest.get(documentKey(message));
    if (!other || message.version > other.version) newest.set(documentKey(message), message);
  }
  return [...newest.values()];
}
