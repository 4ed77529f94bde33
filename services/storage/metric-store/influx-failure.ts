// What an error of InfluxDB means, by the status of its answer; no answer at all is a server that is down or slow.
import { Failure, type FailureKind } from '../../runtime/failure.ts';

const kinds: Readonly<Record<number, FailureKind>> = {
  400: 'poison', // a line or a predicate it does not take
  401: 'configuration', // a wrong token
  403: 'configuration', // a token without the right
  404: 'configuration', // no such organisation or bucket
  405: 'configuration', // something else answers there
  413: 'poison',
  422: 'poison', // a field that has another type already
};

export const influxFailureKind = (status: number): FailureKind => kinds[status] ?? 'dependency';

/** @param what was asked of it, for the sentence */
export function asInfluxFailure(error: unknown, what: string): Failure {
  if (error instanceof Failure) return error;
  const status = statusOf(error);
  const message = error instanceof Error ? error.message : String(error);
  return new Failure(status === undefined ? 'dependency' : influxFailureKind(status), `InfluxDB, ${what}: ${message}`, {
    cause: error,
  });
}

/** The client's HttpError has it; everything else never got an answer. */
const statusOf = (error: unknown): number | undefined =>
  typeof error === 'object' && error !== null && 'statusCode' in error && typeof error.statusCode === 'number'
    ? error.statusCode
    : undefined;
