// Ingest's part of the API: who is connected and how far their data has come, "load now", and what could not be fetched and why (P8).
// Commands about connections are in oauth/connection-router.ts, importing in import/.
import { Router } from 'express';
import { z } from 'zod';
import { HttpError } from '../runtime/http/json-error.ts';
import { type FetchJob, listJobs } from '../storage/fetch-jobs.ts';
import { type GrantSummary, listGrantSummaries } from '../storage/grants.ts';
import { findPersonById, listPeople, type Person } from '../storage/people.ts';
import { listPolls, type Poll } from '../storage/polls.ts';
import type { StateDatabase } from '../storage/tables.ts';
import { closedResources } from './oauth/scopes.ts';
import type { PollRunner } from './polls/poll-runner.ts';

export interface IngestCommandParts {
  state: StateDatabase;
  polls: Pick<PollRunner, 'pollNow'>;
}

const jobQuery = z.object({
  user: z.string().min(1).optional(),
  state: z.enum(['open', 'parked', 'given_up'], 'expected open, parked or given_up').optional(),
  limit: z.coerce.number('expected a whole number').int().min(1).max(1000).default(100),
});

export function createIngestCommands({ state, polls }: IngestCommandParts): Router {
  const router = Router();

  router.get('/api/v1/people', async (_request, response) => {
    const [people, grants, allPolls] = await Promise.all([
      listPeople(state.read),
      listGrantSummaries(state.read),
      listPolls(state.read),
    ]);
    const grantOf = new Map(grants.map((grant) => [grant.userId, grant]));
    const pollsOf = Map.groupBy(allPolls, (poll) => poll.userId);
    response.json(
      people.map((person) => personBody(person, grantOf.get(person.userId), pollsOf.get(person.userId) ?? [])),
    );
  });

  router.post('/api/v1/people/:id/sync', async (request, response) => {
    const { id } = request.params;
    if (!(await findPersonById(state.read, id))) {
      throw new HttpError({ status: 404, code: 'no_such_person', message: 'Nobody here has this id.' });
    }
    const resources = await polls.pollNow(id);
    if (resources === 0) {
      throw new HttpError({
        status: 409,
        code: 'not_connected',
        message: 'This person has no ring connected, so there is nobody to ask.',
        hint: 'Connect the ring first, or import a file.',
      });
    }
    response.status(202).json({ user_id: id, resources });
  });

  router.get('/api/v1/fetch-jobs', async (request, response) => {
    const query = jobQuery.safeParse(request.query);
    if (!query.success) {
      const message = query.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
      throw new HttpError({ status: 400, code: 'bad_request', message });
    }
    const { user, state: jobState, limit } = query.data;
    const jobs = await listJobs(state.read, {
      limit,
      ...(user !== undefined && { userId: user }),
      ...(jobState !== undefined && { state: jobState }),
    });
    response.json(jobs.map(jobBody));
  });

  return router;
}

const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

function personBody(person: Person, grant: GrantSummary | undefined, polls: readonly Poll[]) {
  return {
    user_id: person.userId,
    name: person.name,
    created_at: iso(person.createdAtMs),
    connection: grant
      ? { state: grant.state, scopes: grant.scopes, closed: closedResources(grant.scopes).map(({ name }) => name) }
      : null,
    resources: polls.map((poll) => ({
      resource: poll.resource,
      last_read_at: iso(poll.lastOkAtMs),
      outcome: poll.parkedReason ?? poll.outcome,
      next_at: iso(poll.nextAtMs),
      history_loaded_from: iso(poll.backfillBeforeMs),
      history_done: poll.backfillAtMs === null,
    })),
  };
}

const jobBody = (job: FetchJob) => ({
  user_id: job.userId,
  data_type: job.dataType,
  object_id: job.objectId,
  event_type: job.eventType,
  event_time: iso(job.eventAtMs),
  notification: job.notificationId,
  state: job.state,
  reason: job.reason,
  attempts: job.notFoundCount + job.failureCount,
  next_at: job.state === 'open' ? iso(job.nextAtMs) : null,
  updated_at: iso(job.updatedAtMs),
});
