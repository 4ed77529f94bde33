// Checks the composed stack from outside, after `docker compose up --wait`: an event that the simulator signed becomes a row in Postgres, points in
// InfluxDB, an alert at a Slack-shaped endpoint, a message on the page's WebSocket and one for a subscriber nobody here wrote.
// Prints one line per check and leaves with 1 when any failed.
import { WebSocket } from 'ws';
import { authorization, exec, get, notify, page, run, runChecks, select, until } from './stack.ts';

interface Event {
  id: string;
  data_type: string;
  object_id: string;
  user_id: string;
}
interface Person {
  user_id: string;
}

let person = '';
let event: Event;

/** Again and again, because the first may come before the subscriptions. */
async function notifyOfActivity(): Promise<void> {
  const [objectId] = await select(
    "select object_id from store.archived_documents where resource = 'daily_activity' limit 1",
  );
  if (objectId) await notify('daily_activity', objectId);
}

const checks: Record<string, () => Promise<void>> = {
  'the page asks for the password and opens with it': async () => {
    const closed = await fetch(`${page}/dashboard`);
    if (closed.status !== 401) throw new Error(`without the password: ${closed.status}`);
    const open = await fetch(`${page}/dashboard`, { headers: { authorization } });
    if (!open.ok || !(await open.text()).includes('<html')) throw new Error(`with the password: ${open.status}`);
  },
  'nothing but the page is published': async () => {
    const { stdout } = await run('docker', ['compose', 'ps', '--format', '{{.Service}} {{.Publishers}}']);
    const open = stdout
      .split('\n')
      .filter((line) => /\d+\.\d+\.\d+\.\d+ \d+ [1-9]/.test(line) && !/^(live|grafana) .*127\.0\.0\.1/.test(line));
    if (open.length > 0) throw new Error(open.join('; '));
  },
  'the demo ring is connected': async () => {
    const people = await until(
      () => get<Person[]>('/api/v1/people'),
      (list) => list.length > 0,
    );
    person = people[0]?.user_id ?? '';
  },
  'a signed event is listed on the page': async () => {
    const events = await until(
      async () => {
        await notifyOfActivity();
        return get<Event[]>('/events?data_type=daily_activity&limit=5');
      },
      (list) => list.length > 0,
    );
    event = events[0] as Event;
  },
  'it is one row in Postgres': async () => {
    const id = event.id.replaceAll("'", '');
    const [count] = await select(`select count(*) from store.archived_notifications where event_id = '${id}'`);
    if (count !== '1') throw new Error(`${count} rows`);
  },
  'its document became points in InfluxDB': async () => {
    const ask = () =>
      exec(
        'influxdb',
        'curl',
        '-sS',
        '-G',
        'http://127.0.0.1:8086/query',
        '-H',
        `Authorization: Token ${process.env.INFLUX_TOKEN}`,
        ...[
          '--data-urlencode',
          'db=oura',
          '--data-urlencode',
          `q=SELECT last(value) FROM steps WHERE "user" = '${person}'`,
        ],
      );
    await until(ask, (answer) => /"values":\[\[.*\d/.test(answer));
  },
  'it reached a subscriber that nobody here wrote': async () => {
    const consume = [
      '/opt/kafka/bin/kafka-console-consumer.sh',
      '--bootstrap-server',
      'localhost:9092',
      '--topic',
      'oura.metrics.v1',
    ];
    const lines = await exec('kafka', ...consume, '--from-beginning', '--max-messages', '1', '--timeout-ms', '30000');
    if (!lines.includes(`"user_id":"${person}"`)) throw new Error(lines.slice(0, 200));
  },
  'an alert reached Slack': async () => {
    const logs = async () => (await run('docker', ['compose', 'logs', '--no-color', 'slack'])).stdout;
    await until(logs, (text) => text.includes('The ring walked'));
  },
  'a new event moves the page': async () => {
    const socket = new WebSocket(`${page.replace('http', 'ws')}/ws?user=${encodeURIComponent(person)}`, {
      headers: { authorization },
    });
    const messages: string[] = [];
    socket.on('message', (data) => messages.push(String(data)));
    await until(
      async () => messages.length,
      (count) => count > 0,
    );
    const before = messages.length;
    await notifyOfActivity();
    await until(
      async () => messages.slice(before).join('\n'),
      (text) => text.includes('daily_activity'),
    );
    socket.terminate();
  },
};

await runChecks(checks);
