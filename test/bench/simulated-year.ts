// Document versions of one simulated ring as a perfect ingest would number them: every webhook's version at its own moment, nights in progress, the day's
// activity at each sync, heart-rate hours once running and once over. A year takes half a minute to make, so further years are the same one with
// its dates and ids moved.
import type { DocumentMessage } from '../../schemas/document.ts';
import { createPerson } from '../../services/simulator/ring/person.ts';
import { createRing } from '../../services/simulator/ring/ring.ts';
import { usualTraps } from '../../services/simulator/traps.ts';
import { simulatedDocuments } from '../support/simulated-documents.ts';

const dayMs = 86_400_000;
const daysAtOnce = 73;
export const benchUser = 'bench-user';

/** The versions of the days before an instant, in pieces, so that a year need not stand in memory. */
export function* simulatedDays(days: number, toMs = Date.parse('2026-11-01T00:00:00Z')): Generator<DocumentMessage[]> {
  const firstMs = toMs - days * dayMs;
  const life = {
    seed: 1,
    person: createPerson({ timeZone: 'Europe/Berlin' }, 1, 0),
    traps: usualTraps,
    liveliness: 1,
    liveFromDay: Number.POSITIVE_INFINITY,
  };
  const ring = createRing(life, Math.floor(firstMs / dayMs) - 10);
  for (let fromMs = firstMs; fromMs < toMs; fromMs += daysAtOnce * dayMs) {
    const period = { ring, userId: benchUser, fromMs, toMs: Math.min(toMs, fromMs + daysAtOnce * dayMs) };
    yield simulatedDocuments(period);
  }
}

/** The same year, `years` earlier: its dates and the ids of its documents are moved, its values are not. */
export function moveYears(document: DocumentMessage, years: number): DocumentMessage {
  if (years === 0) return document;
  const move = (text: string) => text.replace(/\b20\d\d(?=-\d\d)/g, (year) => String(Number(year) - years));
  const objectId = move(document.objectId);
  const movedId = objectId === document.objectId ? `${objectId}-${years}` : objectId;
  const text = move(Buffer.from(document.bytes).toString()).replaceAll(document.objectId, movedId);
  return {
    ...document,
    id: `${document.id.slice(0, -1)}${years}`,
    objectId: movedId,
    time: move(document.time),
    bytes: Buffer.from(text),
  };
}
