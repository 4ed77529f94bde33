// A person who left something in every table and topic that can name one, and everything that stands there, as text: for tests of erasing.
import { randomUUID } from 'node:crypto';
import { Registry } from 'prom-client';
import { type AlertTransition, encodeAlert } from '../../schemas/alert-transition.ts';
import { documentsTopic } from '../../schemas/document.ts';
import { encodeNotification, notificationBody } from '../../schemas/notification.ts';
import { topicNames } from '../../schemas/topics.ts';
import { createArchive } from '../../services/archive/archive-service.ts';
import type { Engines } from '../../services/cli/engines.ts';
import { rejectRecords } from '../../services/ingest/import/dead-letters.ts';
import { createOutboxPublisher } from '../../services/ingest/versions/outbox-publisher.ts';
import { recordDocuments } from '../../services/ingest/versions/record-documents.ts';
import { unknownPersonId } from '../../services/ingest/webhook/person-lookup.ts';
import { createNormalize } from '../../services/normalize/normalize-service.ts';
import { systemClock } from '../../services/runtime/clock.ts';
import type { Database } from '../../services/runtime/database/database.ts';
import { createLogger } from '../../services/runtime/logger.ts';
import type { Secrets } from '../../services/runtime/secrets.ts';
import { addDeliveries } from '../../services/storage/alert-deliveries.ts';
import { addTransition } from '../../services/storage/alert-outbox.ts';
import { savePersonOffset } from '../../services/storage/alert-rule-states.ts';
import { noteTransition } from '../../services/storage/alerts.ts';
import { saveConnectAttempt } from '../../services/storage/connect-attempts.ts';
import { loadOffset } from '../../services/storage/consumer-offsets.ts';
import { putJobs } from '../../services/storage/fetch-jobs.ts';
import { saveConsent } from '../../services/storage/grants.ts';
import { queueInOutbox } from '../../services/storage/ingest-outbox.ts';
import { createPerson } from '../../services/storage/people.ts';
import { ensurePolls } from '../../services/storage/polls.ts';
import { budgetOfPerson, claimBudget } from '../../services/storage/rate-budgets.ts';

export interface Wearer {
  userId: string;
  name: string;
  ouraUserId: string;
  /** Texts that stand in what is theirs, and nowhere else. */
  marks: readonly string[];
}

const nowMs = Date.parse('2026-11-20T08:00:00Z');

/** Leaves traces in every table and topic but those that the consumers fill: see `readByConsumers`. */
export async function leaveTraces({ log, state }: Engines, name: string, secrets: Secrets): Promise<Wearer> {
  const ouraUserId = `oura-${randomUUID()}`;
  const mark = `object-${randomUUID()}`;
  const person = await state.transaction((tx) => createPerson(tx, { name, ouraUserId, nowMs }));
  if (!person) throw new Error(`${name} exists already`);
  const { userId } = person;
  const outbox = createOutboxPublisher({ state, log });
  const document = { id: mark, day: '2026-11-20', score: 55, timestamp: '2026-11-20T00:00:00+00:00', contributors: {} };
  const bytes = Buffer.from(JSON.stringify(document));
  await recordDocuments(
    { state, outbox, clock: systemClock },
    { userId, resource: 'daily_readiness', documents: [{ objectId: mark, bytes }], beganAtMs: nowMs, via: 'poll' },
  );
  await rejectRecords({ state, log, clock: systemClock }, { userId, fileName: 'x.json' }, [
    { place: '1', reason: 'unreadable', bytes: Buffer.from(`broken ${mark}`) },
  ]);
  for (const owner of [userId, unknownPersonId(ouraUserId)]) {
    const body = { event_type: 'create', data_type: 'daily_sleep', object_id: mark, user_id: ouraUserId } as const;
    await log.append([
      encodeNotification({
        ...{
          id: randomUUID(),
          userId: owner,
          receivedAt: new Date(nowMs).toISOString(),
          signature: 's',
          timestamp: '1',
        },
        ...{ body: notificationBody.parse(body), bytes: Buffer.from(JSON.stringify(body)) },
      }),
    ]);
  }
  const alertId = `alert-${mark}`;
  const transition: AlertTransition = {
    id: `${alertId}/1`,
    user_id: userId,
    rule: 'readiness',
    title: 'Readiness',
    level: 'warning',
    state: 'firing',
    at: new Date(nowMs).toISOString(),
    summary: `Readiness of ${mark} is low.`,
  };
  await log.append([encodeAlert(transition)]);
  await state.transaction(async (tx) => {
    await saveConsent(tx, secrets, userId, {
      ...{ tokens: { accessToken: mark, refreshToken: mark }, scopes: ['daily'], tokenUrl: 'https://x.example/t' },
      ...{ expiresAtMs: nowMs, nowMs },
    });
    await ensurePolls(tx, userId, [{ resource: 'sleep', hasHistory: true }], nowMs);
    const job = { userId, dataType: 'sleep', objectId: mark, ouraUserId, eventType: 'create', notificationId: mark };
    await putJobs(tx, [{ ...job, eventAtMs: nowMs, notifiedAtMs: nowMs, state: 'open', reason: null }], nowMs);
    await claimBudget(tx, { budget: budgetOfPerson(userId), limit: 10, windowMs: 1000, wanted: 1, nowMs });
    await saveConnectAttempt(tx, secrets, {
      ...{ state: mark, personName: name, codeVerifier: 'v', expiresAtMs: Date.now() + 3_600_000, nowMs },
    });
    await queueInOutbox(
      tx,
      [
        {
          ...{ id: `waiting-${mark}`, userId, resource: 'daily_readiness', objectId: `${mark}-2`, sequence: 1 },
          ...{ beganAtMs: nowMs, via: 'poll', deleted: false, bytes },
        },
      ],
      nowMs,
    );
    await addTransition(tx, { alertId, number: 1, transition });
    await addDeliveries(tx, [
      {
        ...{ id: `${mark}/slack`, transitionId: transition.id, alertId, channel: 'slack', step: 2, recipients: null },
        ...{ isReminder: false, quiet: null, notBeforeMs: 0, deadlineMs: nowMs, nowMs },
      },
    ]);
    await noteTransition(tx, alertId, 1, transition);
    await tx
      .insertInto('alert_rule_states')
      .values({ user_id: userId, rule: 'readiness', version: 1, state: '{}', due_at_ms: null })
      .execute();
    await savePersonOffset(tx, userId, { minutes: 60, atMs: nowMs });
  });
  return { userId, name, ouraUserId, marks: [userId, ouraUserId, mark, unknownPersonId(ouraUserId), `"${name}"`] };
}

/** Archive and normalize have read what is in the log. */
export async function readByConsumers(engines: Engines): Promise<void> {
  const parts = {
    ...{ ...engines, clock: systemClock, registry: new Registry() },
    logger: createLogger({ level: 'silent', name: 'test' }),
  };
  const services = [createArchive(parts), createNormalize(parts)];
  for (const service of services) await service.start();
  for (const name of ['archive', 'normalize']) {
    for (const range of await engines.log.ranges(documentsTopic))
      while (((await loadOffset(engines.store.read, name, range)) ?? range.earliest) < range.next)
        await systemClock.wait(5);
  }
  for (const service of services) await service.stop();
}

/** Every row of every table as a line of text, by `database.table`. */
export async function everyRow({ store, state }: Engines): Promise<Map<string, string[]>> {
  const lines = new Map<string, string[]>();
  for (const [name, database] of [
    ['store', store],
    ['state', state],
  ] as const) {
    const { read } = database as unknown as Database<Record<string, Record<string, unknown>>>;
    for (const table of await read.introspection.getTables()) {
      if (table.name.startsWith('kysely_') || (table.schema !== undefined && table.schema !== name)) continue;
      const rows = await read.selectFrom(table.name).selectAll().execute();
      lines.set(`${name}.${table.name}`, rows.map((row) => JSON.stringify(row, asText)).sort());
    }
  }
  return lines;
}

/** Every record of every topic as a line of text, by topic. */
export async function everyMessage({ log }: Engines): Promise<Map<string, string[]>> {
  const lines = new Map<string, string[]>();
  for (const topic of topicNames) {
    const found: string[] = [];
    for (const { partition, earliest, next } of await log.ranges(topic))
      for (let offset = earliest; offset < next; ) {
        const records = await log.read({ topic, partition, offset }, 1000);
        for (const { key, value, headers } of records) found.push(JSON.stringify({ key, value, headers }, asText));
        offset = (records.at(-1)?.offset ?? next - 1) + 1;
      }
    lines.set(topic, found);
  }
  return lines;
}

/** Where a mark of the person stands. */
export const placesOf = (everything: Map<string, string[]>, { marks }: Wearer): string[] =>
  [...everything].flatMap(([place, lines]) =>
    lines.some((line) => marks.some((mark) => line.includes(mark))) ? [place] : [],
  );

/** JSON.stringify hands a Buffer over as its JSON form. */
function asText(_name: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1');
  if (typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer' && 'data' in value)
    return Buffer.from(value.data as number[]).toString('latin1');
  return value;
}
