// Is what I see current? For each resource when its newest value was measured and when we learnt it, and whether that is later than its
// rhythm. Also the ring itself: battery, newest heart rate, when it was last seen.

import type { StoredPoint } from '../../storage/metric-store/metric-store.ts';
import { isDate, placementMs } from '../../storage/metric-store/placement.ts';
import type { Freshness, Ring } from './model.ts';
import { rhythms } from './page-metrics.ts';
import { toReading } from './readings.ts';

export const ringStaleAfterMs = 24 * 3_600_000;
const dayMs = 86_400_000;

export function newestOf(points: readonly StoredPoint[], resource: string, metric?: string): StoredPoint | undefined {
  let newest: StoredPoint | undefined;
  for (const point of points) {
    if (point.resource !== resource || (metric !== undefined && point.metric !== metric)) continue;
    if (!newest || placementMs(point.start) >= placementMs(newest.start)) newest = point;
  }
  return newest;
}

/** When what a point says was over: a date is over at the end of that day. */
function measuredUntilMs({ start, end }: StoredPoint): number {
  if (end !== null) return placementMs(end);
  return isDate(start) ? placementMs(start) + dayMs / 2 : placementMs(start);
}

export function freshnessOf(points: readonly StoredPoint[], nowMs: number): Freshness[] {
  return rhythms.map(({ resource, metric, lateAfterMs }) => {
    const newest = newestOf(points, resource, metric);
    if (!newest) return { resource, measured_at: null, known_at: null, state: 'none', reading: null };
    return {
      resource,
      // The end of a date is the next day, on which nothing was measured.
      measured_at: isDate(newest.start) ? newest.start : (newest.end ?? newest.start),
      known_at: newest.firstSeen,
      state: nowMs - measuredUntilMs(newest) > lateAfterMs ? 'late' : 'current',
      reading: resource === 'ring_battery_level' || resource === 'vo2_max' ? toReading(newest) : null,
    };
  });
}

/** `rows` are the newest heart rates and battery levels. */
export function ringOf(rows: readonly StoredPoint[], nowMs: number): Ring {
  const battery = newestOf(rows, 'ring_battery_level', 'ring_battery_level');
  const heartRate = newestOf(rows, 'heartrate', 'heart_rate');
  const seenMs = Math.max(...[battery, heartRate].map((point) => (point ? placementMs(point.start) : 0)));
  return {
    battery: battery ? toReading(battery) : null,
    heart_rate: heartRate ? toReading(heartRate) : null,
    seen_at: seenMs > 0 ? new Date(seenMs).toISOString() : null,
    stale: seenMs > 0 && nowMs - seenMs > ringStaleAfterMs,
  };
}
