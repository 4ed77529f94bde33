// `alert test`: one message to every channel, by the server that runs; it alone has the channels open.
import { z } from 'zod';
import { httpSettings } from '../../runtime/http/http-settings.ts';
import { readSettings } from '../../runtime/settings.ts';
import { findServer, readEngineSettings, serverApi } from '../access.ts';
import type { CommandContext } from '../command-context.ts';
import { CommandError, exitCode } from '../exit-code.ts';

const answers = z.object({ data: z.array(z.object({ channel: z.string(), ok: z.boolean(), answer: z.string() })) });

export async function alertTest(context: CommandContext): Promise<number> {
  const { environment, terminal } = context;
  const address = environment.ALERT_URL;
  const server = address
    ? serverApi(address, readSettings(httpSettings, environment).HTTP_PASSWORD)
    : findServer(context);
  if (!server)
    throw new CommandError(
      `No server runs on the data in ${readEngineSettings(context).DATA_DIR}: start it, then test its channels. --demo tests those of the demo ring.`,
    );
  const { data } = answers.parse(await (await server.request('/api/v1/alerts/test', { method: 'POST' })).json());
  if (data.length === 0)
    throw new CommandError(
      'No channel is set up: set SLACK_WEBHOOK_URL, DISCORD_WEBHOOK_URL, SMTP_URL or ALERT_WEBHOOK_URL.',
      exitCode.usage,
    );
  for (const { channel, ok, answer } of data) terminal.print(`${ok ? 'ok  ' : 'FAIL'} ${channel}: ${answer}`);
  return data.every(({ ok }) => ok) ? exitCode.done : exitCode.failed;
}
