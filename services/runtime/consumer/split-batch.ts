// Into which parts a batch goes. Pure. Two reasons to cut: something in it is poison and must be found (halves), or what was decided
// says that only a first part may be committed now (a message to try again later, or the dead letter that stops the consumer).
import { type Circuit, circuitAfter, circuitTrip } from './circuit.ts';
import type { Outcome } from './consumer.ts';

export function halves<Item>(items: readonly Item[]): [Item[], Item[]] {
  const middle = Math.ceil(items.length / 2);
  return [items.slice(0, middle), items.slice(middle)];
}

/** How many of the first messages may be committed together; the rest is handled again. 0: the first one asks for a later try. */
export function committable(outcomes: readonly Outcome[], circuit: Circuit): number {
  if (outcomes.every(({ kind }) => kind === 'done' || kind === 'skip')) return outcomes.length;
  let reached = circuit;
  for (const [index, outcome] of outcomes.entries()) {
    if (outcome.kind === 'retry') return index;
    reached = circuitAfter(reached, outcome.kind === 'dead-letter');
    if (circuitTrip(reached)) return index + 1;
  }
  return outcomes.length;
}

export function circuitAfterAll(circuit: Circuit, outcomes: readonly Outcome[]): Circuit {
  if (!outcomes.some(({ kind }) => kind === 'dead-letter')) return circuitAfter(circuit, false, outcomes.length);
  return outcomes.reduce((reached, { kind }) => circuitAfter(reached, kind === 'dead-letter'), circuit);
}
