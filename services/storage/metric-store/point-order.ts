// The order in which every store gives points, and which of two points with one identity is the one that counts. Two documents may say the same
// metric for the same moment (two tags of one minute, a night that overlaps another): then the one that became known later stands, then the
// higher version, then the greater document name. The rule looks at the documents alone, so every store and every rebuild decides alike.
import type { StoredPoint } from './metric-store.ts';
import { placementMs } from './placement.ts';

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

type Dimensions = Pick<StoredPoint, 'metric' | 'aggregation' | 'resource' | 'context'>;

/** The order of points of one person that stand at one place. */
export const compareDimensions = (a: Dimensions, b: Dimensions): number =>
  byText(a.metric, b.metric) ||
  byText(a.aggregation, b.aggregation) ||
  byText(a.resource, b.resource) ||
  byText(a.context ?? '', b.context ?? '');

/** By user, place in time, metric, aggregation, resource, context. 0 means one identity. */
export const comparePoints = (a: StoredPoint, b: StoredPoint): number =>
  byText(a.user, b.user) || placementMs(a.start) - placementMs(b.start) || compareDimensions(a, b);

type Provenance = Pick<StoredPoint, 'firstSeen' | 'version' | 'document'>;

/** Whether `a` stands where `b` says something for the same identity. */
export const supersedes = (a: Provenance, b: Provenance): boolean =>
  (Date.parse(a.firstSeen) - Date.parse(b.firstSeen) || a.version - b.version || byText(a.document, b.document)) >= 0;
