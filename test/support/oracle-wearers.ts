// The wearers of a simulated cloud as an oracle knows them: which documents exist and what each says now, read from the cloud itself and not through the
// product. The cloud's present is moved by the test.
import canonicalize from 'canonicalize';
import { z } from 'zod';
import { resources } from '../../schemas/oura/resources.ts';
import { createSimulator, type Simulator } from '../../services/simulator/simulator.ts';

export interface KnownDocument {
  ouraUserId: string;
  /** As notifications name it; the same word as the resource. */
  dataType: string;
  objectId: string;
  day: string;
  /** Its content as `sameContent` compares it; `deleted` when the cloud has it no more. */
  content: string;
}

export interface Wearers {
  simulator: Simulator;
  ouraUserIds: readonly string[];
  /** Every document of theirs that notifications can name. */
  documents(): Promise<KnownDocument[]>;
  moveClock(ms: number): void;
  stop(): Promise<void>;
}

export const clientId = 'faults-client';
export const clientSecret = 'secret-of-the-fault-tests';

const dayMs = 86_400_000;
const page = z.looseObject({
  data: z.array(z.looseObject({ id: z.string(), day: z.string().optional() })),
  next_token: z.string().nullish(),
});

/** RFC 8785: the same values give the same text, whatever their order and whitespace. */
export const sameContent = (document: unknown): string => String(canonicalize(document));

export interface WearerOptions {
  seed: number;
  people: number;
  /** How far the rings go back. */
  days: number;
  /** How long ago the cloud's present is; more than a week, and regular polls find nothing: every document comes because an event named it. */
  daysAgo: number;
}

export async function createWearers({ seed, people, days, daysAgo }: WearerOptions): Promise<Wearers> {
  let nowMs = Date.now() - daysAgo * dayMs;
  const simulator = await createSimulator({
    seed,
    users: Array.from({ length: people }, () => ({ timeZone: 'Europe/Berlin' })),
    clientId,
    clientSecret,
    historyDays: days,
    now: () => new Date(nowMs),
    accessTokenLifetimeS: 30 * 86_400,
    traps: { emptyResources: false, notFoundAfterNotification: false },
  });
  const ouraUserIds = simulator.users.map((user) => user.ouraUserId);
  const tokens = new Map(ouraUserIds.map((id) => [id, simulator.grant(id).access_token]));

  async function list(ouraUserId: string, { route, name }: (typeof resources)[number]): Promise<KnownDocument[]> {
    const found: KnownDocument[] = [];
    let next: string | null | undefined;
    do {
      const url = new URL(`/v2/usercollection/${route}`, simulator.url);
      url.searchParams.set('start_date', new Date(nowMs - (days + 2) * dayMs).toISOString().slice(0, 10));
      url.searchParams.set('end_date', new Date(nowMs + 2 * dayMs).toISOString().slice(0, 10));
      if (next) url.searchParams.set('next_token', next);
      const answer = await fetch(url, { headers: { authorization: `Bearer ${tokens.get(ouraUserId)}` } });
      if (!answer.ok) throw new Error(`the simulator answered ${answer.status} to ${url.pathname}`);
      const { data, next_token } = page.parse(await answer.json());
      for (const document of data)
        found.push({
          ouraUserId,
          dataType: name,
          objectId: document.id,
          day: document.day ?? '',
          content: sameContent(document),
        });
      next = next_token;
    } while (next);
    return found;
  }

  return {
    simulator,
    ouraUserIds,
    async documents() {
      const named = resources.filter(({ kind }) => kind === 'documents');
      const lists = ouraUserIds.flatMap((id) => named.map((resource) => list(id, resource)));
      return (await Promise.all(lists)).flat();
    },
    moveClock(ms) {
      nowMs += ms;
    },
    stop: () => simulator.stop(),
  };
}
