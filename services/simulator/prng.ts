// Small seeded random streams. A stream is named by a key (seed, person, day, purpose …), never continued from another one:
// any day can be made without making the days before it, and a change in one purpose moves nothing else.

// Bound once: a look-up of a global per draw is slow where globals are intercepted, as in the test runner.
const { PI, cos, floor, imul, log, sqrt } = Math;

export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  uniform(from: number, to: number): number;
  /** Uniform integer, both ends included. */
  integer(from: number, to: number): number;
  normal(mean: number, sd: number): number;
  chance(probability: number): boolean;
  pick<T>(choices: readonly T[]): T;
  /** An index drawn with the given weights. */
  weighted(weights: readonly number[]): number;
}

export type KeyPart = string | number;

/** cyrb128: four 32-bit words from a string. */
function hashWords(text: string): [number, number, number, number] {
  let a = 1779033703;
  let b = 3144134277;
  let c = 1013904242;
  let d = 2773480762;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    a = b ^ imul(a ^ code, 597399067);
    b = c ^ imul(b ^ code, 2869860233);
    c = d ^ imul(c ^ code, 951274213);
    d = a ^ imul(d ^ code, 2716044179);
  }
  a = imul(c ^ (a >>> 18), 597399067);
  b = imul(d ^ (b >>> 22), 2869860233);
  c = imul(a ^ (c >>> 17), 951274213);
  d = imul(b ^ (d >>> 19), 2716044179);
  a ^= b ^ c ^ d;
  return [a >>> 0, (b ^ a) >>> 0, (c ^ a) >>> 0, (d ^ a) >>> 0];
}

/** One uniform number in [0, 1) for a key, without a stream. */
export const uniformOf = (...key: KeyPart[]): number => hashWords(key.join('|'))[0] / 4294967296;

export function random(...key: KeyPart[]): Random {
  let [a, b, c, d] = hashWords(key.join('|'));
  // sfc32
  const next = (): number => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return (t >>> 0) / 4294967296;
  };
  for (let i = 0; i < 12; i += 1) next();
  return {
    next,
    uniform: (from, to) => from + (to - from) * next(),
    integer: (from, to) => from + floor(next() * (to - from + 1)),
    normal: (mean, sd) => mean + sd * sqrt(-2 * log(1 - next())) * cos(2 * PI * next()),
    chance: (probability) => next() < probability,
    pick: (choices) => {
      const choice = choices[floor(next() * choices.length)];
      if (choice === undefined) throw new Error('nothing to pick from: the list of choices is empty');
      return choice;
    },
    weighted: (weights) => {
      let left = next() * weights.reduce((sum, weight) => sum + weight, 0);
      for (const [index, weight] of weights.entries()) {
        left -= weight;
        if (left < 0) return index;
      }
      return weights.length - 1;
    },
  };
}

/** A number that wanders smoothly from day to day: about normal, mean 0, sd 1, with a knot every `everyDays`. */
export function wandering(everyDays: number, day: number, ...key: KeyPart[]): number {
  const knot = floor(day / everyDays);
  const part = (day - knot * everyDays) / everyDays;
  const at = (index: number): number => random(...key, 'knot', index).normal(0, 1);
  const ease = part * part * (3 - 2 * part);
  return at(knot) * (1 - ease) + at(knot + 1) * ease;
}
