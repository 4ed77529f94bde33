// The numbers of ingest for Prometheus: what came in, what was refused and why, what was asked of Oura and how it ended. Labels are
// closed sets of words; nobody's id is among them.
import { Counter, Gauge, type Registry } from 'prom-client';
import type { ResourceName } from '../../schemas/oura/resources.ts';
import type { Database } from '../runtime/database/database.ts';
import { countJobs, type FetchJobState, type FetchJobTables } from '../storage/fetch-jobs.ts';
import type { Recorded } from './versions/record-documents.ts';
import { type WebhookAnswer, webhookAnswerNames } from './webhook/webhook-answer.ts';

export interface IngestMetrics {
  webhook(answer: WebhookAnswer | 'challenge'): void;
  fetch(outcome: string): void;
  poll(resource: string, outcome: string): void;
  apiAnswer(kind: string, route: string): void;
  recorded(recorded: Recorded, origin: { resource: ResourceName; via: string }): void;
  refusedDocument(reason: string): void;
}

const jobStates: readonly FetchJobState[] = ['open', 'parked', 'given_up'];

export function createIngestMetrics(registry: Registry, state: Database<FetchJobTables>): IngestMetrics {
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    new Counter({ name, help, labelNames, registers: [registry] });
  const webhooks = counter('oura_webhook_requests_total', 'Requests to the webhook by answer.', ['answer']);
  const fetches = counter('oura_fetches_total', 'Attempts to fetch what a notification named, by outcome.', [
    'outcome',
  ]);
  const polls = counter('oura_polls_total', 'Polls and windows of history by resource and outcome.', [
    'resource',
    'outcome',
  ]);
  const answers = counter('oura_api_answers_total', "Answers of Oura's API by route and kind.", ['route', 'kind']);
  const documents = counter('oura_documents_read_total', 'Documents read, by what they were.', [
    'resource',
    'via',
    'outcome',
  ]);
  const refused = counter('oura_documents_refused_total', 'Documents that cannot be kept, by reason.', ['reason']);
  new Gauge({
    name: 'oura_fetch_jobs',
    help: 'Fetch jobs by state: open, parked (waiting for a person), given_up (see /api/v1/fetch-jobs).',
    labelNames: ['state'],
    registers: [registry],
    async collect() {
      const counts = await countJobs(state.read);
      for (const name of jobStates) this.set({ state: name }, counts.get(name) ?? 0);
    },
  });
  // Looked up once: the webhook is the one path where a label lookup would show.
  const byAnswer = new Map([...webhookAnswerNames, 'challenge' as const].map((name) => [name, webhooks.labels(name)]));
  return {
    webhook: (answer) => byAnswer.get(answer)?.inc(),
    fetch: (outcome) => fetches.inc({ outcome }),
    poll: (resource, outcome) => polls.inc({ resource, outcome }),
    apiAnswer: (kind, route) => answers.inc({ route, kind }),
    recorded({ ...outcomes }, { resource, via }) {
      for (const [outcome, count] of Object.entries(outcomes)) {
        if (count > 0) documents.inc({ resource, via, outcome }, count);
      }
    },
    refusedDocument: (reason) => refused.inc({ reason }),
  };
}
