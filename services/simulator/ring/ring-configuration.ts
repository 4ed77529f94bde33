// The rings a person ever set up, oldest first: `ring_configuration` lists them all, the current one was set up last. Set-up
// days are fixed dates long before any history, so they do not depend on when the simulator was started.

import { createHash } from 'node:crypto';
import { dayOfIso, localDay } from '../local-time.ts';
import type { DocumentHistory } from './document-history.ts';
import { documentId } from './document-ids.ts';
import { drawFor, type Life } from './life.ts';

const FIRST_SET_UP = dayOfIso('2021-11-20');
const CURRENT_SET_UP = dayOfIso('2024-11-09');
const FIRMWARE_EVERY_DAYS = 70;
/** Firmware is followed this long after a set-up. */
const FIRMWARE_UPDATES = 40;
const DAY_MS = 86_400_000;
const colors = ['stealth_black', 'silver', 'brushed_silver', 'titanium', 'midnight', 'deep_rose'] as const;

interface Ring {
  setUpMs: number;
  ordinal: number;
  hardware: string;
  design: string;
  color: string;
  size: number;
}

function ringsOf(life: Life): Ring[] {
  const draw = drawFor(life, 'rings', 0);
  const size = draw.integer(6, 13);
  const jitterMs = draw.integer(0, 300) * DAY_MS + draw.integer(8 * 3600, 20 * 3600) * 1000;
  const first = { ordinal: 0, hardware: 'gen3', design: 'heritage', color: draw.pick(colors), size };
  const current = { ordinal: 1, hardware: life.person.hardware, design: 'horizon', color: draw.pick(colors), size };
  const rings = [
    { ...first, setUpMs: FIRST_SET_UP * DAY_MS + jitterMs },
    { ...current, setUpMs: CURRENT_SET_UP * DAY_MS + jitterMs },
  ];
  return life.traps.severalRings ? rings : rings.slice(1);
}

const scopeOf = (life: Life) => ({
  seed: life.seed,
  ouraUserId: life.person.ouraUserId,
  resource: 'ring_configuration',
});
const setUpDay = (ring: Ring): number => localDay('UTC', ring.setUpMs);
const firmware = (ring: Ring, update: number): string => `2.${9 + ring.ordinal}.${3 + update}`;

export const ringHistories = (life: Life): DocumentHistory[] =>
  ringsOf(life).map((ring) => {
    const id = documentId(scopeOf(life), setUpDay(ring), ring.ordinal);
    const body = (update: number) => () => ({
      id,
      color: ring.color,
      design: ring.design,
      firmware_version: firmware(ring, update),
      hardware_type: ring.hardware,
      set_up_at: new Date(ring.setUpMs).toISOString().replace('Z', '+00:00'),
      size: ring.size,
    });
    const updates = ring.ordinal === 0 ? [0] : Array.from({ length: FIRMWARE_UPDATES }, (_, update) => update);
    return {
      resource: 'ring_configuration',
      id,
      versions: updates.map((update) => ({
        atMs: ring.setUpMs + update * FIRMWARE_EVERY_DAYS * DAY_MS,
        body: body(update),
      })),
    };
  });

/** The encrypted ring id that a sleep document names. */
export function currentRingId(life: Life, atMs: number): string {
  const rings = ringsOf(life);
  const ring = rings.findLast(({ setUpMs }) => setUpMs <= atMs) ?? rings[0];
  return createHash('sha256')
    .update(`ring|${life.seed}|${life.person.ouraUserId}|${ring?.ordinal ?? 0}`)
    .digest('base64url');
}
