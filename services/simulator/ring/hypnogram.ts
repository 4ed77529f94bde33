// Sleep stages of one period as Oura's digits: 1 deep, 2 light, 3 REM, 4 awake. A Markov chain in 5-minute steps with the
// calibrated transitions, pulled in each tenth of the night towards its calibrated shares; then refined to 30 seconds.

import type { Random } from '../prng.ts';
import { stageShareByDecile, stageTransition } from './calibration.ts';

const { ceil, floor, max, min, sqrt } = Math;

const STEPS_PER_DECILE = 10;
const AWAKE_AT_FIRST = 0.7;

const normalised = (weights: readonly number[]): number[] => {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
};

/** The transitions of one decile when each stage is `pulls` times as attractive, row by row. */
const pulled = (pulls: readonly number[]): number[][] =>
  stageTransition.map((row) => normalised(row.map((probability, stage) => probability * (pulls[stage] ?? 1))));

const stepFrom = (at: readonly number[], rows: readonly number[][]): number[] =>
  [0, 1, 2, 3].map((to) => at.reduce((sum, share, from) => sum + share * (rows[from]?.[to] ?? 0), 0));

/** Mean share of each stage over a decile, and where it ends. */
function walk(start: readonly number[], rows: readonly number[][]): { mean: number[]; end: number[] } {
  let at = [...start];
  const mean = [0, 0, 0, 0];
  for (let i = 0; i < STEPS_PER_DECILE; i += 1) {
    at = stepFrom(at, rows);
    for (const [stage, share] of at.entries()) mean[stage] = (mean[stage] ?? 0) + share / STEPS_PER_DECILE;
  }
  return { mean, end: at };
}

/** Transitions per decile, fitted so that the shares of every decile come out as calibrated. */
function fitDeciles(): number[][][] {
  let start = [0, 1 - AWAKE_AT_FIRST, 0, AWAKE_AT_FIRST];
  return stageShareByDecile.map((target) => {
    let pulls = [1, 1, 1, 1];
    for (let round = 0; round < 200; round += 1) {
      const { mean } = walk(start, pulled(pulls));
      pulls = pulls.map((pull, stage) => pull * sqrt((target[stage] ?? 0) / max(1e-6, mean[stage] ?? 0)));
      pulls = pulls.map((pull) => min(50, max(0, pull)));
    }
    const rows = pulled(pulls);
    start = walk(start, rows).end;
    return rows;
  });
}
const weights = fitDeciles();

export function stageChain(draw: Random, length: number): number[] {
  const stages: number[] = [];
  let current = draw.chance(AWAKE_AT_FIRST) ? 3 : 1;
  for (let i = 0; i < length; i += 1) {
    if (i > 0) {
      const decile = min(9, floor((i * 10) / length));
      current = draw.weighted(weights[decile]?.[current] ?? [0, 1, 0, 0]);
    }
    stages.push(current + 1);
  }
  return stages;
}

export interface Hypnogram {
  /** One digit per 30 s. */
  fine: string;
  /** One digit per 5 min; the last may stand for less. */
  coarse: string;
}

/** `halfMinutes` is the length of the period in steps of 30 s. */
export function makeHypnogram(draw: Random, halfMinutes: number): Hypnogram {
  const coarse = stageChain(draw, ceil(halfMinutes / 10));
  const fine: number[] = [];
  for (const stage of coarse) for (let i = 0; i < 10; i += 1) fine.push(stage);
  for (let edge = 10; edge < fine.length; edge += 10) {
    const before = fine[edge - 1] ?? 2;
    const after = fine[edge] ?? 2;
    const shift = draw.integer(-3, 3);
    if (before === after || shift === 0) continue;
    if (shift > 0) fine.fill(before, edge, edge + shift);
    else fine.fill(after, edge + shift, edge);
  }
  // Nobody falls asleep in no time: a step that is light on the whole still begins awake.
  if (coarse[0] !== 4) fine.fill(4, 0, draw.integer(2, 9));
  // Wakes of half a minute that 5-minute steps cannot show.
  for (let i = 10; i < fine.length; i += 1) if (fine[i] === 2 && draw.chance(0.012)) fine[i] = 4;
  return { fine: fine.slice(0, halfMinutes).join(''), coarse: coarse.join('') };
}
