// What a person does and notes: workouts, tags of both kinds and rest mode. Each is published by the first sync after it
// (a tag is made in the app, so at once); a workout the ring found itself may be confirmed or named later.

import { isoDay, localDay } from '../local-time.ts';
import { dayState, ILLNESS_DAYS } from './day-state.ts';
import { type DocumentHistory, inOrder, type OuraDocument, type Resource, type Version } from './document-history.ts';
import { documentId } from './document-ids.ts';
import { instantOf, localText, zoneAtInstant } from './itinerary.ts';
import { drawFor, type Life, occursOn } from './life.ts';
import { publishedMs } from './sleep-history.ts';
import { wakeMs } from './sleep-plan.ts';
import { metresPerMinute, type PlannedWorkout, workoutsOf } from './workout-plan.ts';

const idOf = (life: Life, resource: Resource, day: number, ordinal: number): string =>
  documentId({ seed: life.seed, ouraUserId: life.person.ouraUserId, resource }, day, ordinal);

const dayAt = (life: Life, atMs: number): string => isoDay(localDay(zoneAtInstant(life, atMs), atMs));

const kcalPerMinute = { easy: 4, moderate: 7, hard: 11 } as const;

function workoutHistory(life: Life, day: number, workout: PlannedWorkout): DocumentHistory {
  const draw = drawFor(life, 'workout', day, workout.ordinal);
  const id = idOf(life, 'workout', day, workout.ordinal);
  const minutes = (workout.endMs - workout.startMs) / 60_000;
  const speed = metresPerMinute(workout.activity) * draw.uniform(0.9, 1.1);
  const source = draw.pick(['autodetected', 'autodetected', 'workout_heart_rate', 'manual'] as const);
  const calories = Math.round(minutes * kcalPerMinute[workout.intensity] * draw.uniform(0.9, 1.15) * 1000) / 1000;
  const body = (known: { source: string; label: string | null }) => (): OuraDocument => ({
    id,
    activity: workout.activity,
    calories: source === 'manual' ? null : calories,
    day: dayAt(life, workout.startMs),
    distance: speed === 0 ? null : Math.round(minutes * speed * 10) / 10,
    end_datetime: localText(life, workout.endMs),
    intensity: workout.intensity,
    label: known.label,
    source: known.source,
    start_datetime: localText(life, workout.startMs),
  });
  const createdMs = publishedMs(life, workout.endMs, 'background', 'workout');
  const versions: Version[] = [{ atMs: createdMs, body: body({ source, label: null }) }];
  if (source === 'autodetected' && draw.chance(0.5)) {
    const atMs = publishedMs(life, createdMs + 120_000, 'app', 'confirm');
    versions.push({ atMs, body: body({ source: 'confirmed', label: draw.chance(0.3) ? 'with friends' : null }) });
  }
  return { resource: 'workout', id, versions: inOrder(versions) };
}

const tagCodes = [
  'tag_generic_alcohol',
  'tag_generic_caffeine',
  'tag_generic_late_meal',
  'tag_sleep_sauna',
  'tag_generic_travel',
];

function tagHistories(life: Life, day: number): DocumentHistory[] {
  const draw = drawFor(life, 'tags', day);
  const histories: DocumentHistory[] = [];
  const atMs = instantOf(life, day, 18 * 60 + draw.integer(0, 90));
  const shape = draw.weighted([0.62, 0.2, 0.06, 0.06, 0.06]);
  const code = draw.pick(tagCodes);
  if (shape > 0) {
    const id = idOf(life, 'enhanced_tag', day, 0);
    const endMs = shape === 2 ? atMs + draw.integer(30, 300) * 60_000 : null;
    const body = (): OuraDocument => ({
      id,
      tag_type_code: shape === 3 ? null : shape === 4 ? 'custom' : code,
      start_time: localText(life, atMs),
      end_time: endMs === null ? null : localText(life, endMs),
      start_day: dayAt(life, atMs),
      end_day: endMs === null ? null : dayAt(life, endMs),
      comment: shape === 3 ? 'Long walk by the lake – felt good' : null,
      custom_name: shape === 4 ? 'Cold shower' : null,
    });
    histories.push({
      resource: 'enhanced_tag',
      id,
      versions: [{ atMs: publishedMs(life, endMs ?? atMs, 'app', 'tag'), body }],
    });
  }
  if (draw.chance(0.12)) {
    const id = idOf(life, 'tag', day, 0);
    const text = draw.chance(0.5) ? 'Späte Mahlzeit 🍝' : null;
    const body = (): OuraDocument => ({
      id,
      day: dayAt(life, atMs),
      text,
      timestamp: localText(life, atMs),
      tags: [code],
    });
    histories.push({ resource: 'tag', id, versions: [{ atMs: publishedMs(life, atMs, 'app', 'tag'), body }] });
  }
  return histories;
}

/** An illness switches rest mode on; every day of it adds an episode, recovery ends it. */
function restModeHistories(life: Life, day: number): DocumentHistory[] {
  if (!occursOn(life, 'restMode', day)) return [];
  const id = idOf(life, 'rest_mode_period', day, 0);
  const startMs = wakeMs(life, day) + 3_600_000;
  const endMs = wakeMs(life, day + ILLNESS_DAYS) + 3_600_000;
  const episodes = Array.from({ length: ILLNESS_DAYS }, (_, index) => ({
    tags: dayState(life, day + index).illness > 0.5 ? ['tag_generic_fever', 'tag_generic_sick'] : ['tag_generic_sick'],
    timestamp: localText(life, wakeMs(life, day + index) + 3_600_000),
  }));
  const body = (known: number, isOver: boolean) => (): OuraDocument => ({
    id,
    end_day: isOver ? dayAt(life, endMs) : null,
    end_time: isOver ? localText(life, endMs) : null,
    episodes: episodes.slice(0, known),
    start_day: dayAt(life, startMs),
    start_time: localText(life, startMs),
  });
  const versions: Version[] = episodes.map((_, index) => ({
    atMs: publishedMs(life, wakeMs(life, day + index) + 3_660_000, 'app', 'rest-mode'),
    body: body(index + 1, false),
  }));
  versions.push({ atMs: publishedMs(life, endMs + 60_000, 'app', 'rest-mode'), body: body(ILLNESS_DAYS, true) });
  return [{ resource: 'rest_mode_period', id, versions: inOrder(versions) }];
}

export const momentHistories = (life: Life, day: number): DocumentHistory[] => [
  ...workoutsOf(life, day).map((workout) => workoutHistory(life, day, workout)),
  ...tagHistories(life, day),
  ...restModeHistories(life, day),
];
