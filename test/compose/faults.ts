// Kills and pauses the containers of the composed stack one after the other while the simulator sends signed notifications, and judges from outside: the
// simulator's own list of deliveries says what was answered 2xx. Each of those must stand in Postgres exactly once, byte for byte, nothing else may,
// every consumer comes back to no lag by itself, and a new event passes.
import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { exec, get, inSimulator, notify, run, runChecks, select, simulator, until, wearerId } from './stack.ts';

interface Delivery {
  body: string;
  outcome: number | string;
}
interface Event {
  id: string;
  object_id: string | null;
}

const idOf = (body: string): string => createHash('sha256').update(body).digest('hex');

/** Notifications about objects of their own, ten a second. */
const pump = (ouraUserId: string, objectId: string, seconds: number) =>
  inSimulator(`
    for (let count = 0; count < ${seconds * 10}; count += 1) {
      const body = JSON.stringify({ ouraUserId: '${ouraUserId}', dataType: 'daily_readiness', eventType: 'update', objectId: '${objectId}-' + count });
      await fetch('${simulator}/notify', { method: 'POST', body }).catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 100));
    }`);

const deliveries = async (): Promise<Delivery[]> =>
  JSON.parse(await inSimulator(`process.stdout.write(await (await fetch('${simulator}/deliveries')).text())`));

const compose = (...args: string[]) => run('docker', ['compose', ...args]);
const killed = ['archive', 'normalize', 'alert', 'live', 'ingest', 'postgres', 'influxdb', 'kafka'];
const downMs = 2000;
const pauseMs = 8000;
let pumping: Promise<string>;
let acknowledged: string[] = [];

await runChecks({
  'every container is killed, and the broker stands still for a while, under load': async () => {
    pumping = pump(await wearerId(), randomUUID(), 75);
    for (const service of killed) {
      await compose('kill', '-s', 'KILL', service);
      await wait(downMs);
      await compose('start', service);
      await wait(downMs);
    }
    await compose('pause', 'kafka');
    await wait(pauseMs);
    await compose('unpause', 'kafka');
    await pumping;
    await inSimulator(`await fetch('${simulator}/settle', { method: 'POST' })`);
  },
  'everything that was answered 2xx is in Postgres exactly once': async () => {
    const tried = await deliveries();
    acknowledged = [...new Set(tried.filter(({ outcome }) => outcome === 202).map(({ body }) => idOf(body)))];
    if (acknowledged.length < 100) throw new Error(`only ${acknowledged.length} were answered 202`);
    await until(
      async () => {
        const stored = new Set(await select('select event_id from store.archived_notifications'));
        return acknowledged.filter((id) => !stored.has(id)).length;
      },
      (missing) => missing === 0,
    );
    const twice = await select(
      'select event_id from store.archived_notifications group by event_id having count(*) > 1',
    );
    if (twice.length > 0) throw new Error(`${twice.length} stand there twice`);
    console.log(`     ${acknowledged.length} acknowledged, ${tried.length} attempts`);
  },
  'byte for byte, and nothing that was never sent': async () => {
    const wrong = await select(
      "select event_id from store.archived_notifications where encode(sha256(payload), 'hex') <> event_id",
    );
    if (wrong.length > 0) throw new Error(`${wrong.length} differ from what was sent`);
    const sent = new Set((await deliveries()).map(({ body }) => idOf(body)));
    const stored = await select('select event_id from store.archived_notifications');
    const unknown = stored.filter((id) => !sent.has(id));
    if (unknown.length > 0) throw new Error(`${unknown.length} were never sent`);
  },
  'every consumer comes back to no lag by itself': async () => {
    for (const service of ['archive', 'normalize', 'alert', 'ingest'])
      await until(
        async () => {
          const script = "process.stdout.write(await (await fetch('http://127.0.0.1:8000/metrics')).text())";
          const text = await exec(service, 'node', '--input-type=module', '-e', script);
          const lags = [...text.matchAll(/^oura_consumer_lag_messages\{.*\} (\d+)/gm)].map(([, count]) =>
            Number(count),
          );
          return lags.length === 0 ? Number.NaN : lags.reduce((sum, count) => sum + count, 0);
        },
        (lag) => lag === 0,
      );
  },
  'a new event passes without a hand': async () => {
    const objectId = randomUUID();
    await notify('sleep', objectId);
    await until(
      () => get<Event[]>('/events?data_type=sleep&limit=100'),
      (events) => events.some((event) => event.object_id === objectId),
    );
  },
});
