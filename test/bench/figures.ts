// Numbers of several runs as the table shows them.
export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** The nearest rank; NaN of nothing. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export const perSecond = (value: number): string => `${wholeNumber(value)}/s`;
export const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;
export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
export const milliseconds = (ms: number): string => `${ms.toFixed(ms < 10 ? 1 : 0)} ms`;
export const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
export const wholeNumber = (value: number): string => Math.round(value).toLocaleString('en');

/** Each of the runs in turn, several rounds, so that a noisy minute meets all of them. */
export async function interleaved<Name extends string>(
  rounds: number,
  runs: Record<Name, () => Promise<number> | number>,
): Promise<Record<Name, number>> {
  const names = Object.keys(runs) as Name[];
  const measured = new Map<Name, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const name of names) measured.get(name)?.push(await runs[name]());
  }
  return Object.fromEntries(names.map((name) => [name, median(measured.get(name) ?? [])])) as Record<Name, number>;
}
