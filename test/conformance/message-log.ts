// The conformance suite of the MessageLog port: what every log must do, whichever engine is under it. The checks are plain functions, so
// message-log-broken.test.ts can show that each of them is able to fail.
import { describe, test } from '@jest/globals';
import { appendChecks } from './message-log-append.ts';
import { deliveryChecks } from './message-log-delivery.ts';
import { groupChecks } from './message-log-groups.ts';
import type { LogCheck, LogSubject, OpenLogSubject } from './message-log-subject.ts';

export const messageLogChecks: readonly LogCheck[] = [...appendChecks, ...deliveryChecks, ...groupChecks];

export async function runLogCheck(check: LogCheck, open: OpenLogSubject): Promise<void> {
  const subject: LogSubject = await open();
  try {
    await check.run(subject);
  } finally {
    await subject.close();
  }
}

export function describeMessageLog(name: string, open: OpenLogSubject, { reopens = true } = {}): void {
  const checks = messageLogChecks.filter((check) => reopens || !check.reopens);
  describe(`${name} is a message log`, () => {
    test.each(checks.map((check) => [check.name, check] as const))('%s', (_, check) => runLogCheck(check, open));
  });
}
