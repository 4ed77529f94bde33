// Oura's words and characters for coded values, with the numbers that stand for them in metrics. Numbers of ordered words keep the order;
// a number once given never changes its meaning. A word that is not listed gets no number and is counted, never guessed.

export const codebooks = {
  /** Characters of `sleep_phase_*`. */
  sleep_stage: { deep: 1, light: 2, rem: 3, awake: 4 },
  /** Characters of `movement_30_sec`, ordered. */
  movement_class: { no_motion: 1, restless: 2, tossing_and_turning: 3, active: 4 },
  /** Characters of `class_5_min`; ordered from 1 on. */
  activity_class: { non_wear: 0, rest: 1, inactive: 2, low: 3, medium: 4, high: 5 },
  /** Ordered. */
  resilience_level: { limited: 1, adequate: 2, solid: 3, strong: 4, exceptional: 5 },
  /** Ordered from recovery to stress. */
  stress_day_summary: { restored: 1, normal: 2, stressful: 3 },
  /** Ordered; relative to before the session. */
  mood: { bad: 1, worse: 2, same: 3, good: 4, great: 5 },
  /** Ordered. */
  workout_intensity: { easy: 1, moderate: 2, hard: 3 },
  /** Not ordered. */
  bedtime_recommendation: {
    improve_efficiency: 1,
    earlier_bedtime: 2,
    later_bedtime: 3,
    earlier_wake_up_time: 4,
    later_wake_up_time: 5,
    follow_optimal_bedtime: 6,
  },
  /** Not ordered. */
  bedtime_status: {
    not_enough_nights: 1,
    not_enough_recent_nights: 2,
    bad_sleep_quality: 3,
    only_recommended_found: 4,
    optimal_found: 5,
  },
  /** ISO/IEC 5218. */
  biological_sex: { male: 1, female: 2 },
} as const satisfies Record<string, Record<string, number>>;

export type CodebookName = keyof typeof codebooks;

const entries = Object.entries<Record<string, number>>(codebooks);
const numbers = new Map(entries.map(([name, book]) => [name, new Map(Object.entries(book))]));
/** By number: an array is the quickest way from a character to its word. */
const words = new Map(
  entries.map(([name, book]) => {
    const byNumber: (string | undefined)[] = [];
    for (const [word, number] of Object.entries(book)) byNumber[number] = word;
    return [name, byNumber];
  }),
);

export const numberOf = (book: CodebookName, word: string): number | undefined => numbers.get(book)?.get(word);
export const wordOf = (book: CodebookName, number: number): string | undefined => words.get(book)?.[number];
