// On which side of a rule a value is: it breaches, it is clear, or it is in between, where hysteresis keeps things as they are.
import type { MetricRule } from '../../../schemas/alert-rules.ts';

export type Side = 'breach' | 'between' | 'clear';

const unitFactor = { h: 3600, min: 60 } as const;
const factor = (rule: MetricRule): number => (rule.unit ? unitFactor[rule.unit] : 1);

/** The threshold in the metric's own unit. */
export const thresholdOf = (rule: MetricRule): number => rule.threshold * factor(rule);

const compare = {
  '<': (value: number, limit: number) => value < limit,
  '<=': (value: number, limit: number) => value <= limit,
  '>': (value: number, limit: number) => value > limit,
  '>=': (value: number, limit: number) => value >= limit,
} as const;

export function sideOf(rule: MetricRule, value: number): Side {
  if (compare[rule.comparison](value, thresholdOf(rule))) return 'breach';
  const clear = (rule.clear ?? rule.threshold) * factor(rule);
  const isClear = rule.comparison.startsWith('<') ? value >= clear : value <= clear;
  return isClear ? 'clear' : 'between';
}
