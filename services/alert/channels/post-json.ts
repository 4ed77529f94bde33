// One POST of a JSON text with a time limit, and its end as a value. Redirects are not followed: a webhook that moved should be said, not guessed.
import type { TryResult } from '../decisions/decide-delivery.ts';
import { tryTimeoutMs } from './channel.ts';
import { type HttpAdvice, httpOutcome, networkOutcome } from './http-outcome.ts';

export interface JsonPost {
  url: string;
  body: string;
  headers: Record<string, string>;
  nowMs: number;
  about: HttpAdvice;
}

/** Only so much of an answer is read as error words need. */
const answerLimit = 4_000;

export async function postJson({ url, body, headers, nowMs, about }: JsonPost): Promise<TryResult> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      body,
      headers,
      redirect: 'manual',
      signal: AbortSignal.timeout(tryTimeoutMs),
    });
    const answer = (await response.text()).slice(0, answerLimit);
    const retryAfter = response.headers.get('retry-after');
    return httpOutcome({ status: response.status, retryAfter, body: answer }, nowMs, about);
  } catch (error) {
    return networkOutcome(error);
  }
}
