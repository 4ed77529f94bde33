// From a signed webhook sent to what a page is sent: the event as it arrives, and its numbers after the document was fetched from the (simulated) cloud,
// archived and measured. One ring, one page, one webhook after the other, each a version that is new.
import { randomBytes } from 'node:crypto';
import WebSocket from 'ws';
import { connectRing } from '../../services/cli/connect-ring.ts';
import { simulatedCloud } from '../../services/cli/demo.ts';
import { type PageMessage, pageMessage } from '../../services/live/socket/page-message.ts';
import { createOracleEvents } from '../support/oracle-events.ts';
import { clientId, clientSecret, createWearers } from '../support/oracle-wearers.ts';
import type { Bench } from './bench.ts';
import { startEmbedded } from './embedded-server.ts';
import { milliseconds, quantile } from './figures.ts';

const count = 200;
const historyDays = 60;

/** Resolves at the first message in which the document has come so far. */
function createPage(url: string) {
  const socket = new WebSocket(url);
  const waiting = new Set<(message: PageMessage) => void>();
  socket.on('message', (data) => {
    const message = pageMessage.parse(JSON.parse(String(data)));
    for (const look of waiting) look(message);
  });
  const until = (isIt: (message: PageMessage) => boolean) =>
    new Promise<number>((resolve) => {
      const look = (message: PageMessage) => {
        if (!isIt(message)) return;
        waiting.delete(look);
        resolve(performance.now());
      };
      waiting.add(look);
    });
  return {
    opened: until(({ type }) => type === 'snapshot'),
    hasLine: (objectId: string, stage?: string) =>
      until(
        (message) =>
          'feed' in message &&
          message.feed.some((entry) => entry.object_id === objectId && (stage === undefined || entry.stage === stage)),
      ),
    close: () => socket.close(),
  };
}

export const bench: Bench = {
  name: 'page',
  async run() {
    // Older than what is polled by itself, so that a document comes because a webhook named it.
    const wearers = await createWearers({ seed: 1, people: 1, days: historyDays, daysAgo: 12 });
    const server = await startEmbedded({
      environment: {
        ...simulatedCloud(wearers.simulator.url),
        OURA_CLIENT_ID: clientId,
        OURA_CLIENT_SECRET: clientSecret,
        SECRETS_KEY: randomBytes(32).toString('hex'),
        HISTORY_DAYS: '0',
      },
    });
    try {
      const [ouraUserId = ''] = wearers.ouraUserIds;
      const signal = AbortSignal.timeout(30_000);
      await connectRing({ apiUrl: server.url, password: undefined, name: 'bench', ouraUserId, signal });
      const page = createPage(`${server.url.replace('http', 'ws')}/ws?user=bench`);
      await page.opened;
      const events = createOracleEvents(() => `http://127.0.0.1:${server.publicPort}/webhooks/oura`);
      const arrivedMs: number[] = [];
      const measuredMs: number[] = [];
      for (const document of (await wearers.documents()).slice(0, count)) {
        const [arrives, measured] = [page.hasLine(document.objectId), page.hasLine(document.objectId, 'measured')];
        const sentMs = performance.now();
        await events.insist(events.make(document));
        arrivedMs.push((await arrives) - sentMs);
        measuredMs.push((await measured) - sentMs);
      }
      page.close();
      const both = (times: readonly number[]) =>
        `p50 ${milliseconds(quantile(times, 0.5))}, p99 ${milliseconds(quantile(times, 0.99))}`;
      return [
        {
          measure: 'webhook to the page, the event',
          value: both(arrivedMs),
          goal: 'p50 < 100 ms, p99 < 500 ms',
          beside: `${arrivedMs.length} webhooks, one after the other`,
        },
        {
          measure: 'webhook to the page, fetched, archived and measured',
          value: both(measuredMs),
          goal: 'p50 < 100 ms, p99 < 500 ms',
          beside: 'the cloud is simulated on the same machine',
        },
      ];
    } finally {
      await server.remove();
      await wearers.stop();
    }
  },
};
