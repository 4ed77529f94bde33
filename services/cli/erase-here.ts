// Erases a person in this process, with the engines open and no server on them: every service's part, one after another, and then the log is
// compacted where it can be told to.
import { alertErasePart } from '../alert/alert-erase-part.ts';
import { archiveErasePart } from '../archive/archive-erase-part.ts';
import { beginErasing, ingestErasePart } from '../ingest/erase/ingest-erase-part.ts';
import { createCloud } from '../ingest/oauth/cloud.ts';
import { ingestSettings } from '../ingest/settings.ts';
import { normalizeErasePart } from '../normalize/normalize-erase-part.ts';
import { systemClock } from '../runtime/clock.ts';
import { failureKind } from '../runtime/failure.ts';
import { createSecrets } from '../runtime/secrets.ts';
import { loadSecretsKeys } from '../runtime/secrets-key.ts';
import { readSettings } from '../runtime/settings.ts';
import { eraseOnce } from '../storage/erasure/erase-part.ts';
import { createTraces } from '../storage/erasure/traces.ts';
import { endErasure, findErasure } from '../storage/erasures.ts';
import type { Person } from '../storage/people.ts';
import { type OpenPipeline, readEngineSettings } from './access.ts';
import type { CommandContext } from './command-context.ts';
import { isEmbedded } from './engines.ts';
import { CommandError, explain } from './exit-code.ts';

/** Resolves to whether Oura confirmed the end of the grant; null where there was none, or no application to say it. */
export async function eraseHere(
  context: CommandContext,
  pipeline: OpenPipeline,
  person: Person,
): Promise<boolean | null> {
  const { state, store, log, metricStore, logger } = pipeline;
  const settings = readEngineSettings(context);
  const { disconnect } = createCloud({
    settings: readSettings(ingestSettings, context.environment),
    secrets: createSecrets(loadSecretsKeys({ secretsKey: settings.SECRETS_KEY, dataDir: settings.DATA_DIR })),
    ...{ state, logger, clock: systemClock, publicPort: () => 0 },
    whenConnected: async () => {},
    afterConnected: () => {},
  });
  const erasure =
    (await findErasure(state.read, person.userId)) ?? (await beginErasing(state, person, systemClock.now()));
  const ended = await disconnect(person.userId);
  const parts = [
    ingestErasePart({ state, disconnect }),
    archiveErasePart(store),
    normalizeErasePart(metricStore),
    alertErasePart(state),
  ];
  const progress = context.terminal.progress('parts erased', parts.length);
  try {
    for (const part of parts) {
      await eraseOnce(log, part, erasure);
      progress.advance();
    }
  } catch (error) {
    // In the stack each part has a role of its own in PostgreSQL.
    if (isEmbedded(settings) || failureKind(error) !== 'configuration') throw error;
    throw new CommandError(
      `${person.name} is being erased, each part by the service it belongs to; this command may not do all of them itself: ${explain(error).message}\n` +
        "Set INGEST_URL to the ingest service and call this again to see it through, or call it with the owner's DATABASE_URL.",
    );
  } finally {
    progress.end();
  }
  const left = await createTraces({ log, store, state }, erasure).count();
  if (left.size > 0)
    throw new CommandError(
      `Something is left in ${[...left.keys()].join(', ')}: other services still write. Call this again.`,
    );
  // In the stack others may be at work: ingest forgets whose erasure it was when nothing can come any more.
  if (isEmbedded(settings)) await state.transaction((tx) => endErasure(tx, person.userId));
  await log.compact?.();
  return ended.kind === 'disconnected' ? ended.isRevoked : null;
}
