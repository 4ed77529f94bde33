// The wearer's calendar: the date it is for them now. Oura names no zone, but sleep, activity, workouts and sessions carry the wearer's
// offset; the newest of them tells it. Rows that Oura only gives in UTC tell nothing.

import type { StoredPoint } from '../../storage/metric-store/metric-store.ts';
import { placementMs } from '../../storage/metric-store/placement.ts';
import { civilDay } from './civil-day.ts';
import type { WearerClock } from './model.ts';

export const resourcesWithOffset: readonly string[] = ['sleep', 'daily_activity', 'workout', 'session'];

export function wearerClock(points: readonly StoredPoint[], nowMs: number): WearerClock {
  let newest: { atMs: number; minutes: number } | undefined;
  for (const { resource, start, utcOffsetMinutes } of points) {
    if (utcOffsetMinutes === null || !resourcesWithOffset.includes(resource)) continue;
    const atMs = placementMs(start);
    if (atMs <= nowMs && (!newest || atMs > newest.atMs)) newest = { atMs, minutes: utcOffsetMinutes };
  }
  const minutes = newest?.minutes ?? 0;
  return { day: civilDay(nowMs, minutes), utc_offset_minutes: minutes, offset_known: newest !== undefined };
}
