// The conformance suite of the Database port: what every engine must do. The checks are plain functions, so database-broken.test.ts can
// show that each kind of fault is noticed.
import { describe, test } from '@jest/globals';
import { failureChecks } from './database-failures.ts';
import type { DatabaseCheck, OpenDatabaseSubject } from './database-subject.ts';
import { transactionChecks } from './database-transactions.ts';
import { valueChecks } from './database-values.ts';

export const databaseChecks: readonly DatabaseCheck[] = [...transactionChecks, ...valueChecks, ...failureChecks];

export async function runDatabaseCheck(check: DatabaseCheck, open: OpenDatabaseSubject): Promise<void> {
  const subject = await open();
  try {
    await check.run(subject);
  } finally {
    await subject.close();
  }
}

export function describeDatabase(name: string, open: OpenDatabaseSubject, { reopens = true } = {}): void {
  const checks = databaseChecks.filter((check) => reopens || !check.reopens);
  describe(`${name} is a database`, () => {
    test.each(checks.map((check) => [check.name, check] as const))('%s', (_, check) => runDatabaseCheck(check, open));
  });
}
