// A process for message-log-kill.test.ts: appends to a log as fast as it can and prints each position only after the log acknowledged it.
// It ends by being killed.
import { openSqliteLog } from '../../services/runtime/log/sqlite-log.ts';

const [path = '', round = ''] = process.argv.slice(2);
const log = await openSqliteLog({ path, topics: ['facts.v1'], partitions: 6 });
let count = 0;
const appendForEver = async () => {
  for (;;) {
    count += 1;
    const text = `${round}/${count}`;
    const [at] = await log.append([
      {
        topic: 'facts.v1',
        partitionKey: `p${count % 20}`,
        key: text,
        value: Buffer.from(text),
        headers: { ce_id: text },
      },
    ]);
    process.stdout.write(`${at?.partition} ${at?.offset} ${text}\n`);
  }
};
await Promise.all(Array.from({ length: 16 }, appendForEver));
