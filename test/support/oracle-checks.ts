// What must be true when every fault is over, checked through the ports, so that the embedded engines and those of the stack are judged alike. Each check
// answers with sentences about what is wrong; none means that the promise held.
import { alertsTopic, decodeAlert } from '../../schemas/alert-transition.ts';
import { decodeDocument, documentsTopic } from '../../schemas/document.ts';
import { resourceOfDataType } from '../../schemas/oura/resources.ts';
import { exportTidy } from '../../services/export/export-tidy.ts';
import { normalizeDocument } from '../../services/normalize/normalize-document.ts';
import { failureKind } from '../../services/runtime/failure.ts';
import type { LogRecord, MessageLog, RecordPosition } from '../../services/runtime/log/message-log.ts';
import { currentDocuments } from '../../services/storage/archived-documents.ts';
import { listJobs } from '../../services/storage/fetch-jobs.ts';
import type { MetricStore } from '../../services/storage/metric-store/metric-store.ts';
import { createSqlMetricStore } from '../../services/storage/metric-store/sql-metric-store.ts';
import { listPeople } from '../../services/storage/people.ts';
import type { StateDatabase, StoreDatabase } from '../../services/storage/tables.ts';
import { openTestStore } from './databases.ts';
import type { OracleEvent } from './oracle-events.ts';
import { type KnownDocument, sameContent } from './oracle-wearers.ts';

const appliedAtOnce = 200;

export interface Judged {
  log: MessageLog;
  store: StoreDatabase;
  state: StateDatabase;
  metricStore: MetricStore;
}

/** P1: every acknowledged event once, byte for byte; nothing that was never sent. */
export async function checkArchivedEvents({ store }: Judged, events: readonly OracleEvent[]): Promise<string[]> {
  const rows = await store.read.selectFrom('archived_notifications').select(['event_id', 'payload']).execute();
  const kept = Map.groupBy(rows, (row) => Buffer.from(row.payload).toString());
  const sent = new Map(events.map((event) => [event.body, event]));
  const problems: string[] = [];
  for (const event of events) {
    const count = kept.get(event.body)?.length ?? 0;
    if (count > 1 || (count === 0 && event.isAcknowledged))
      problems.push(`${event.id} (${event.isAcknowledged ? 'acknowledged' : 'unanswered'}) is archived ${count} times`);
  }
  for (const row of rows) {
    const event = sent.get(Buffer.from(row.payload).toString());
    if (event?.id !== row.event_id) problems.push(`${row.event_id} is archived and was never sent like that`);
  }
  return problems;
}

/** P1: the document that an event names follows, or a listed reason why not. */
export async function checkDocumentsFollow(
  { store, state }: Judged,
  events: readonly OracleEvent[],
): Promise<string[]> {
  const people = await listPeople(state.read);
  const ours = new Map(people.map(({ ouraUserId, userId }) => [ouraUserId, userId]));
  const rows = await store.read.selectFrom('archived_documents').select(['user_id', 'resource', 'object_id']).execute();
  const documents = new Set(rows.map((row) => `${row.user_id}/${row.resource}/${row.object_id}`));
  const jobs = await listJobs(state.read, { limit: 100_000 });
  const reasons = new Map(jobs.map((job) => [`${job.ouraUserId}/${job.dataType}/${job.objectId}`, job]));
  return events
    .filter((event) => event.isAcknowledged)
    .flatMap((event) => {
      const { ouraUserId, dataType, objectId } = event;
      const resource = resourceOfDataType(dataType)?.name;
      if (documents.has(`${ours.get(ouraUserId)}/${resource}/${objectId}`)) return [];
      const job = reasons.get(`${ouraUserId}/${dataType}/${objectId}`);
      if (job && job.state !== 'open' && job.reason) return [];
      return [`no ${dataType}/${objectId} of ${ouraUserId}, and ${job ? `its job is ${job.state}` : 'no job'}`];
    });
}

/** The current version of each of these documents says what the cloud says. */
export async function checkContents({ store, state }: Judged, known: readonly KnownDocument[]): Promise<string[]> {
  const people = await listPeople(state.read);
  const ours = new Map(people.map(({ ouraUserId, userId }) => [ouraUserId, userId]));
  const contents = new Map<string, string>();
  for await (const { userId, resource, objectId, deleted, bytes } of currentDocuments(store.read))
    contents.set(
      `${userId}/${resource}/${objectId}`,
      deleted ? 'deleted' : sameContent(JSON.parse(Buffer.from(bytes).toString())),
    );
  return known.flatMap(({ ouraUserId, dataType, objectId, content }) =>
    contents.get(`${ours.get(ouraUserId)}/${dataType}/${objectId}`) === content
      ? []
      : [`${dataType}/${objectId} of ${ouraUserId} is not what the cloud says`],
  );
}

const patientTries = 5;

/** The oracle is busy and may itself be late for an answer. */
async function readPatiently(log: MessageLog, from: RecordPosition): Promise<LogRecord[]> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await log.read(from, 500);
    } catch (error) {
      if (tries === patientTries || failureKind(error) !== 'dependency') throw error;
    }
  }
}

/** All records of a topic, each partition in its order. */
export async function readTopic(log: MessageLog, topic: string): Promise<LogRecord[]> {
  const found: LogRecord[] = [];
  for (const { partition, earliest, next } of await log.ranges(topic)) {
    for (let offset = earliest; offset < next; ) {
      const records = await readPatiently(log, { topic, partition, offset });
      const last = records.at(-1);
      if (!last) break;
      found.push(...records);
      offset = last.offset + 1;
    }
  }
  return found;
}

/** P3: a person has one partition, and each object's versions first appear there as 1, 2, 3 …; the archive has the same versions, each once. */
export async function checkOrder({ log, store }: Judged): Promise<string[]> {
  const problems: string[] = [];
  const partitions = new Map<string, number>();
  const versions = new Map<string, { last: number; ids: string[] }>();
  for (const record of await readTopic(log, documentsTopic)) {
    const document = decodeDocument(record);
    const { userId, resource, objectId, sequence, id } = document;
    if ((partitions.get(userId) ?? record.partition) !== record.partition)
      problems.push(`${userId} is in two partitions`);
    partitions.set(userId, record.partition);
    const object = `${userId}/${resource}/${objectId}`;
    const seen = versions.get(object) ?? { last: 0, ids: [] };
    versions.set(object, seen);
    if (sequence <= seen.last && seen.ids[sequence - 1] === id) continue;
    if (sequence !== seen.last + 1) problems.push(`${object}: version ${sequence} came after ${seen.last}`);
    seen.last = sequence;
    seen.ids[sequence - 1] = id;
  }
  const rows = await store.read.selectFrom('archived_documents').selectAll().orderBy('version_no').execute();
  const archived = Map.groupBy(rows, (row) => `${row.user_id}/${row.resource}/${row.object_id}`);
  for (const [object, { ids }] of versions) {
    const kept = (archived.get(object) ?? []).map((row) => row.event_id);
    if (kept.join() !== ids.join())
      problems.push(`${object}: the archive has ${kept.length} versions, the log ${ids.length}`);
  }
  for (const object of archived.keys())
    if (!versions.has(object)) problems.push(`${object} is archived and not in the log`);
  return problems;
}

export async function tidyOf(metricStore: MetricStore, store: StoreDatabase): Promise<string> {
  let text = '';
  const parts = {
    metricStore,
    archive: store.read,
    normalize: () => undefined,
    openScratch: () => Promise.reject(new Error('nothing is asked as of a time')),
  };
  for await (const chunk of exportTidy(parts)) text += chunk;
  return text;
}

/** P4: the metrics are those of a clean run: every document version of the log once, in order, into an empty store that nothing disturbs. */
export async function checkMetrics({ log, store, metricStore }: Judged): Promise<string[]> {
  const empty = await openTestStore();
  try {
    const clean = createSqlMetricStore(empty);
    const seen = new Set<string>();
    const messages = (await readTopic(log, documentsTopic)).flatMap((record) => {
      const document = decodeDocument(record);
      const normalized = seen.has(document.id) ? undefined : normalizeDocument(document);
      seen.add(document.id);
      return normalized?.ok ? [normalized.message] : [];
    });
    for (let from = 0; from < messages.length; from += appliedAtOnce)
      await clean.apply(messages.slice(from, from + appliedAtOnce));
    const expected = (await tidyOf(clean, empty)).split('\n');
    const actual = (await tidyOf(metricStore, store)).split('\n');
    if (expected.length < 100) return [`the clean run has only ${expected.length} points: nothing was compared`];
    if (expected.join('\n') === actual.join('\n')) return [];
    const said = new Set(actual);
    const meant = new Set(expected);
    return [
      `the tidy export has ${actual.length} rows, that of a clean run ${expected.length}`,
      ...expected
        .filter((line) => !said.has(line))
        .slice(0, 3)
        .map((line) => `missing: ${line}`),
      ...actual
        .filter((line) => !meant.has(line))
        .slice(0, 3)
        .map((line) => `stray: ${line}`),
    ];
  } finally {
    await empty.close();
  }
}

interface SlackBody {
  metadata?: { event_payload?: { id?: string } };
}

/** P5: a transition has one id wherever it shows, is published, and reaches the channel at least once; nothing else reaches it. */
export async function checkAlerts({ log, state }: Judged, slackBodies: readonly unknown[]): Promise<string[]> {
  const problems: string[] = [];
  const decided = await state.read.selectFrom('alert_transitions').selectAll().execute();
  const published = (await readTopic(log, alertsTopic)).map((record) => decodeAlert(record));
  const idsOf = new Map<string, Set<string>>();
  for (const { alert, number, id } of published) {
    const step = `${alert} ${number}`;
    idsOf.set(step, (idsOf.get(step) ?? new Set()).add(id));
  }
  for (const [step, ids] of idsOf) if (ids.size > 1) problems.push(`${step} was published under ${ids.size} ids`);
  const publishedIds = new Set(published.map(({ id }) => id));
  const delivered = new Set(slackBodies.map((body) => (body as SlackBody).metadata?.event_payload?.id));
  for (const { transition_id: id } of decided) {
    if (!publishedIds.has(id)) problems.push(`${id} was decided and not published`);
    if (!delivered.has(`${id}/slack`)) problems.push(`${id} never reached the channel`);
  }
  const known = new Set(decided.map((row) => row.transition_id));
  for (const id of publishedIds) if (!known.has(id)) problems.push(`${id} was published and is not in the books`);
  for (const id of delivered)
    if (!id || !known.has(id.replace(/\/slack$/, '')))
      problems.push(`${id} reached the channel and is not in the books`);
  for (const [alert, rows] of Map.groupBy(decided, (row) => row.alert_id)) {
    const numbers = rows.map((row) => row.number).sort((a, b) => a - b);
    if (numbers.some((number, index) => number !== index + 1)) problems.push(`${alert} has the numbers ${numbers}`);
  }
  if (decided.length === 0) problems.push('no alert was raised at all: nothing was checked');
  return problems;
}

/** Everything at once. */
export async function checkPromises(
  judged: Judged,
  facts: { events: readonly OracleEvent[]; known: readonly KnownDocument[]; slackBodies: readonly unknown[] },
): Promise<string[]> {
  // One after the other: what takes long would make the reads of another late.
  return [
    ...(await checkArchivedEvents(judged, facts.events)),
    ...(await checkDocumentsFollow(judged, facts.events)),
    ...(await checkContents(judged, facts.known)),
    ...(await checkOrder(judged)),
    ...(await checkMetrics(judged)),
    ...(await checkAlerts(judged, facts.slackBodies)),
  ];
}
