// Normalize's part of erasing a person: their metric points, wherever those are, and their messages.
import { metricsTopic } from '../../schemas/metrics-message.ts';
import type { ErasePart } from '../storage/erasure/erase-part.ts';
import { idsOf } from '../storage/erasures.ts';
import type { MetricStore } from '../storage/metric-store/metric-store.ts';

export const normalizeErasePart = (metricStore: MetricStore): ErasePart => ({
  topics: [metricsTopic],
  async eraseRows(erasure) {
    for (const id of idsOf(erasure)) await metricStore.erase(id);
  },
});
