// The product's webhook on the product's log on Kafka and nothing else: what the comparison with other programs measures. The ingest service does
// more: it reads the notifications back and writes a fetch job for each.
import { createServer } from 'node:http';
import { openLog } from '../../../services/cli/engines.ts';
import { engineSettings } from '../../../services/cli/settings.ts';
import { createWebhookListener } from '../../../services/ingest/webhook/webhook-listener.ts';
import { systemClock } from '../../../services/runtime/clock.ts';
import { createLogger } from '../../../services/runtime/logger.ts';
import { readSettings } from '../../../services/runtime/settings.ts';

const log = await openLog(readSettings(engineSettings, process.env), systemClock);
const listener = createWebhookListener({
  log,
  secrets: [process.env.OURA_CLIENT_SECRET ?? ''],
  windowMs: 0,
  userIdOf: (ouraUserId) => ouraUserId,
  isVerificationToken: () => false,
  clock: systemClock,
  logger: createLogger({ level: 'silent', name: 'bench' }),
  count: () => {},
});
const server = createServer(listener);
server.listen(Number(process.env.PORT), '127.0.0.1', () => process.send?.('listening'));
process.on('message', () => process.send?.(process.cpuUsage()));
