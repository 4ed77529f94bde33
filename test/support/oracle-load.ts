// The load of the fault tests: which notification comes next, and senders that bring them at a steady pace while something is being killed. Most name a
// document for the first time, some one that still changes in the cloud; some repeat what got no answer, name what has no route, or tell a deletion.
// A nap that the wearer removes while the load runs is named as if it were there until `tellDeleted`.
import { systemClock } from '../../services/runtime/clock.ts';
import type { Random } from '../../services/simulator/prng.ts';
import type { OracleEvent, OracleEvents } from './oracle-events.ts';
import type { KnownDocument, Wearers } from './oracle-wearers.ts';

export interface LoadRun {
  /** It goes on until this is so. */
  isOver(): boolean;
  /** In [0, 1]: how much of it names what the alert rules judge. There is only so much of that, so only where alerts are struck. */
  alerting?: number;
  paceMs: number;
  /** Told of each event that was acknowledged. */
  onKept?(): void;
}

export interface Load {
  /** Reads anew what the cloud has. */
  look(): Promise<void>;
  run(run: LoadRun): Promise<void>;
  /** Tells what the cloud no longer has, after one more event that names it: until then a job waits for it, as for any document that is late. */
  tellDeleted(): Promise<void>;
  /** Tells once more of everything that may have moved since its last event; what did not move must be right as it is. */
  tellMoved(): Promise<void>;
  /** The documents that an acknowledged event has named, as the cloud has them since the last look. */
  named(): KnownDocument[];
}

const senders = 6;
/** Documents of these days still change in the cloud while its clock is moved. */
const movingDays = 4;
const dayMs = 86_400_000;
/** After so many a run goes on slowly: a busy machine would only pile up work. */
const briskEvents = 120;
const slowerBy = 8;

const isScore = ({ dataType }: KnownDocument): boolean =>
  ['daily_readiness', 'daily_sleep', 'daily_activity'].includes(dataType);

const nameOf = ({ dataType, objectId }: Pick<KnownDocument, 'dataType' | 'objectId'>) => `${dataType}/${objectId}`;
const asDeleted = (document: KnownDocument): KnownDocument => ({ ...document, content: 'deleted' });

export async function createLoad(parts: { events: OracleEvents; wearers: Wearers; random: Random }): Promise<Load> {
  const { events, wearers, random } = parts;
  let known: KnownDocument[] = [];
  let deleted: KnownDocument[] = [];
  let movesFrom = '';
  /** What no alert rule judges, and of it what still changes. */
  let others: KnownDocument[] = [];
  let moving: KnownDocument[] = [];

  const look = async () => {
    const before = [...known, ...deleted];
    known = await wearers.documents();
    const there = new Set(known.map(nameOf));
    deleted = before.filter((document) => !there.has(nameOf(document))).map(asDeleted);
    const lastDay = known.reduce((last, { day }) => (day > last ? day : last), '');
    movesFrom = new Date(Date.parse(lastDay) - movingDays * dayMs).toISOString().slice(0, 10);
    others = known.filter((document) => !isScore(document));
    moving = others.filter(({ day }) => day >= movesFrom);
  };
  await look();
  const fresh = shuffled(others, random);
  // A rule fires on its newest day, so the days come in their order.
  const scores = known.filter(isScore).sort((a, b) => (a.day < b.day ? -1 : 1));

  const next = (alerting: number): OracleEvent => {
    const score = random.chance(alerting) && scores.shift();
    if (score) return events.make(score);
    const unanswered = events.unanswered();
    if (unanswered.length > 0 && random.chance(0.2)) return random.pick(unanswered);
    if (random.chance(0.05)) return events.make({ ...random.pick(known), dataType: 'meal' });
    if (random.chance(0.05)) {
      const objectId = `gone-${random.integer(1, 40)}`;
      return events.make({ ...random.pick(known), objectId, eventType: 'delete' });
    }
    if (random.chance(0.4)) return events.make(random.pick(moving));
    return events.make(fresh.pop() ?? random.pick(others));
  };

  return {
    look,
    async run({ isOver, alerting = 0, paceMs, onKept }) {
      let sent = 0;
      const sender = async () => {
        while (!isOver()) {
          if ((await events.send(next(alerting))) === 202) onKept?.();
          sent += 1;
          await systemClock.wait(sent < briskEvents ? paceMs : paceMs * slowerBy);
        }
      };
      await Promise.all(Array.from({ length: senders }, sender));
    },
    async tellDeleted() {
      await look();
      for (const document of deleted) {
        await events.insist(events.make(document));
        await events.insist(events.make({ ...document, eventType: 'delete' }));
      }
    },
    async tellMoved() {
      await look();
      const moved = Map.groupBy(
        known.filter(({ day }) => day >= movesFrom),
        ({ ouraUserId }) => ouraUserId,
      );
      const tell = async (documents: readonly KnownDocument[]) => {
        for (const document of documents) await events.insist(events.make(document));
      };
      await Promise.all([...moved.values()].map(tell));
    },
    named() {
      const names = new Set(events.acknowledged().map(nameOf));
      return [...known, ...deleted].filter((document) => names.has(nameOf(document)));
    },
  };
}

export const shuffled = <Item>(items: readonly Item[], random: Random): Item[] =>
  items
    .map((item) => ({ item, at: random.next() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
