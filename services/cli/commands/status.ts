// `status`: is it running, is it well, how fresh is the data, what waits, what was refused. Reads beside a running server; asks it only how it feels.
import { topicNames } from '../../../schemas/topics.ts';
import { listDeadLetters } from '../../runtime/consumer/dead-letters.ts';
import { findFolderOwner } from '../../runtime/data-folder.ts';
import { listOpenAlerts } from '../../storage/alerts.ts';
import { countArchived } from '../../storage/archive.ts';
import { countJobs, listJobs } from '../../storage/fetch-jobs.ts';
import { listGrantSummaries } from '../../storage/grants.ts';
import { listPeople } from '../../storage/people.ts';
import { listPolls } from '../../storage/polls.ts';
import { type OpenPipeline, readEngineSettings, withPipeline } from '../access.ts';
import type { CommandContext } from '../command-context.ts';
import { isEmbedded } from '../engines.ts';
import { exitCode } from '../exit-code.ts';
import { deadLetterTopics } from '../operations-router.ts';

interface Lag {
  consumer: string;
  topic: string;
  behind: number;
}

const readers: readonly (readonly [consumer: string, topics: readonly string[]])[] = [
  ['archive', ['oura.notifications.v1', 'oura.documents.v1']],
  ['ingest-fetch', ['oura.notifications.v1']],
  ['normalize', ['oura.documents.v1']],
  ['alert', ['oura.metrics.v1']],
];

export async function status(context: CommandContext, { json }: { json?: boolean }): Promise<number> {
  const settings = readEngineSettings(context);
  const owner = isEmbedded(settings) ? findFolderOwner(settings.DATA_DIR) : undefined;
  const health = owner?.url ? await healthOf(owner.url) : undefined;
  const found = await withPipeline(context, { purpose: 'status', readOnly: true }, collect);
  const report = {
    server: owner ?? null,
    health: health ?? null,
    data: isEmbedded(settings) ? settings.DATA_DIR : 'stack',
    ...found,
  };
  if (json) context.terminal.print(JSON.stringify(report));
  else for (const line of describe(report)) context.terminal.print(line);
  return health && !health.ready ? exitCode.failed : exitCode.done;
}

interface Health {
  ready: boolean;
  services: { name: string; problems: string[] }[];
}

async function healthOf(url: string): Promise<Health | undefined> {
  const answer = await fetch(new URL('/readyz', url)).catch(() => undefined);
  return answer ? ((await answer.json()) as Health) : undefined;
}

async function collect({ log, store, state }: OpenPipeline) {
  const [people, grants, polls, jobs, givenUp, archived, alerts, letters] = await Promise.all([
    listPeople(state.read),
    listGrantSummaries(state.read),
    listPolls(state.read),
    countJobs(state.read),
    listJobs(state.read, { state: 'given_up', limit: 20 }),
    countArchived(store.read),
    listOpenAlerts(state.read),
    listDeadLetters(log, deadLetterTopics),
  ]);
  const lags: Lag[] = [];
  for (const [consumer, topics] of readers)
    for (const topic of topics.filter((name) => topicNames.includes(name)))
      lags.push({ consumer, topic, behind: await behind(log, consumer, topic) });
  return {
    people: people.map(({ userId, name }) => ({
      user: userId,
      name,
      connection: grants.find((grant) => grant.userId === userId)?.state ?? 'not connected',
      resources: polls
        .filter((poll) => poll.userId === userId)
        .map((poll) => ({
          resource: poll.resource,
          last_read_at: toIso(poll.lastOkAtMs),
          outcome: poll.parkedReason ?? poll.outcome,
        })),
    })),
    archived,
    fetch_jobs: Object.fromEntries(jobs),
    given_up: givenUp.map(({ dataType, objectId, reason }) => ({ data_type: dataType, object_id: objectId, reason })),
    open_alerts: alerts.map(({ id, rule }) => ({ id, rule })),
    dead_letters: letters.length,
    lag: lags,
  };
}

const toIso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

async function behind(log: OpenPipeline['log'], group: string, topic: string): Promise<number> {
  const [ranges, offsets] = await Promise.all([log.ranges(topic), log.groupOffsets(group, topic)]);
  return ranges.reduce((sum, { partition, earliest, next }) => sum + next - (offsets.get(partition) ?? earliest), 0);
}

function describe(
  report: Awaited<ReturnType<typeof collect>> & {
    server: { pid: number; url?: string | undefined } | null;
    health: Health | null;
    data: string;
  },
): string[] {
  const { server, health } = report;
  const running = server
    ? `runs as process ${server.pid}${server.url ? ` at ${server.url}` : ''}`
    : 'does not run here';
  const problems =
    health?.services.flatMap(({ name, problems: said }) => said.map((text) => `  ${name}: ${text}`)) ?? [];
  return [
    `The server ${running}; data: ${report.data}.`,
    ...(health ? [health.ready ? 'It is well.' : 'It is not ready:'] : []),
    ...problems,
    ...report.people.flatMap(({ name, connection, resources }) => [
      `${name}: ${connection}`,
      ...resources.map(
        ({ resource, last_read_at, outcome }) =>
          `  ${resource.padEnd(26)} ${last_read_at ?? 'not read yet'}  ${outcome ?? ''}`,
      ),
    ]),
    ...(report.people.length === 0 ? ['Nobody is here yet: connect a ring on the page, or import a file.'] : []),
    ...report.lag
      .filter(({ behind: count }) => count > 0)
      .map(({ consumer, topic, behind: count }) => `${consumer} is ${count} messages behind on ${topic}.`),
    `Fetch jobs: ${
      Object.entries(report.fetch_jobs)
        .map(([state, count]) => `${count} ${state}`)
        .join(', ') || 'none'
    }.`,
    ...report.given_up.map(({ data_type, object_id, reason }) => `  given up: ${data_type}/${object_id} (${reason})`),
    `Open alerts: ${report.open_alerts.map(({ rule }) => rule).join(', ') || 'none'}.`,
    `Dead letters: ${report.dead_letters}.`,
  ];
}
