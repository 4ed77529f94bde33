// Points in buckets of time, aligned to the epoch, for curves on a screen that has fewer pixels than there are points.
import type { MetricBucket } from './metric-store.ts';

export function createBucketing(resolutionMs: number) {
  const buckets = new Map<number, MetricBucket>();
  return {
    add(ms: number, value: number): void {
      const startMs = Math.floor(ms / resolutionMs) * resolutionMs;
      const bucket = buckets.get(startMs);
      if (!bucket) {
        buckets.set(startMs, { startMs, count: 1, mean: value, min: value, max: value });
        return;
      }
      bucket.count += 1;
      bucket.mean += (value - bucket.mean) / bucket.count;
      bucket.min = Math.min(bucket.min, value);
      bucket.max = Math.max(bucket.max, value);
    },
    all: (): MetricBucket[] => [...buckets.values()].sort((a, b) => a.startMs - b.startMs),
  };
}
