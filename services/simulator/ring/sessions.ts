// Sessions (guided breathing, meditation and the like), now and then before bedtime; their series are null when the ring
// measured nothing.

import { isoDay, localDay } from '../local-time.ts';
import type { DocumentHistory, OuraDocument } from './document-history.ts';
import { documentId } from './document-ids.ts';
import { isFlightDay, localText, zoneAtInstant } from './itinerary.ts';
import { drawFor, type Life } from './life.ts';
import { publishedMs } from './sleep-history.ts';
import { bedMs, isWorn } from './sleep-plan.ts';

const INTERVAL_S = 5;
const moods = ['bad', 'worse', 'same', 'good', 'great'] as const;
const kinds = ['breathing', 'meditation', 'relaxation', 'rest', 'body_status'] as const;

export interface PlannedSession {
  startMs: number;
  endMs: number;
  hasSeries: boolean;
}

export function sessionOf(life: Life, day: number): PlannedSession | null {
  const draw = drawFor(life, 'session', day);
  if (!draw.chance(0.22) || !isWorn(life, day) || !isWorn(life, day + 1) || isFlightDay(life, day)) return null;
  const startMs = bedMs(life, day) - draw.integer(40, 60) * 60_000;
  return { startMs, endMs: startMs + draw.integer(4, 20) * 60_000, hasSeries: draw.chance(0.75) };
}

function sessionDocument(life: Life, day: number, id: string, session: PlannedSession): OuraDocument {
  const draw = drawFor(life, 'session-beats', day);
  const restBpm = life.person.restingHeartRateBpm + 6;
  const sample = (make: () => number | null) =>
    session.hasSeries
      ? {
          interval: INTERVAL_S,
          items: Array.from({ length: (session.endMs - session.startMs) / 1000 / INTERVAL_S }, make),
          timestamp: localText(life, session.startMs),
        }
      : null;
  return {
    id,
    day: isoDay(localDay(zoneAtInstant(life, session.startMs), session.startMs)),
    end_datetime: localText(life, session.endMs),
    heart_rate: sample(() => (draw.chance(0.03) ? null : Math.round(draw.normal(restBpm, 2) * 10) / 10)),
    heart_rate_variability: sample(() =>
      draw.chance(0.1) ? null : Math.max(8, Math.round(draw.normal(life.person.hrvMs, 9))),
    ),
    mood: draw.chance(0.6) ? draw.pick(moods) : null,
    motion_count: sample(() => Math.max(0, Math.round(draw.normal(1, 1.5)))),
    start_datetime: localText(life, session.startMs),
    type: draw.pick(kinds),
  };
}

export function sessionHistories(life: Life, day: number): DocumentHistory[] {
  const session = sessionOf(life, day);
  if (session === null) return [];
  const id = documentId({ seed: life.seed, ouraUserId: life.person.ouraUserId, resource: 'session' }, day, 0);
  const atMs = publishedMs(life, session.endMs, 'app', 'session');
  return [{ resource: 'session', id, versions: [{ atMs, body: () => sessionDocument(life, day, id, session) }] }];
}
