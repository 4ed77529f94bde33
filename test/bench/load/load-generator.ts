// A process of its own that sends signed webhooks over raw keep-alive sockets, one in flight on each, and says how long every answer took. With a rate
// requests are due by the clock and their time counts from then, so that a server that stalls is not spared what it kept waiting.
import { connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { signedRequests } from './signed-requests.ts';

export interface LoadPlan {
  port: number;
  count: number;
  connections: number;
  /** As fast as answers come when left out. */
  ratePerS?: number;
  secret: string;
  ouraUserIds: string[];
  bodyBytes: number;
}

export interface LoadResult {
  tookMs: number;
  /** Answers by status. */
  statuses: Record<string, number>;
  latenciesMs: number[];
}

const headEnd = Buffer.from('\r\n\r\n');

/** One request and its whole answer; resolves with the status. */
function exchange(socket: Socket, request: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    let received: Buffer = Buffer.alloc(0);
    const onData = (chunk: Buffer) => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      const end = received.indexOf(headEnd);
      if (end < 0) return;
      const head = received.toString('latin1', 0, end);
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
      if (received.length < end + headEnd.length + length) return;
      socket.off('data', onData).off('error', reject);
      resolve(head.slice(9, 12));
    };
    socket.on('data', onData).once('error', reject);
    socket.write(request);
  });
}

async function run(plan: LoadPlan): Promise<LoadResult> {
  const requests = signedRequests(plan);
  const statuses: Record<string, number> = {};
  const latenciesMs: number[] = [];
  let next = 0;
  const startMs = performance.now();
  const work = async () => {
    const socket = connect({ port: plan.port, host: '127.0.0.1', noDelay: true });
    for (let request = requests[next]; request; request = requests[next]) {
      const dueMs = plan.ratePerS === undefined ? performance.now() : startMs + (next * 1000) / plan.ratePerS;
      next += 1;
      if (dueMs - performance.now() > 1) await wait(dueMs - performance.now());
      const status = await exchange(socket, request);
      statuses[status] = (statuses[status] ?? 0) + 1;
      latenciesMs.push(performance.now() - dueMs);
    }
    socket.destroy();
  };
  await Promise.all(Array.from({ length: plan.connections }, work));
  return { tookMs: performance.now() - startMs, statuses, latenciesMs };
}

process.on('message', (plan: LoadPlan) => {
  run(plan).then(
    (result) => process.send?.({ result }),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
