// `serve`: the pipeline until a signal ends it. Without an application at Oura it shows the demo ring.
import { once } from 'node:events';
import { startApplication } from '../application.ts';
import type { CommandContext } from '../command-context.ts';
import { stackDemo, startDemoRing } from '../demo.ts';
import { CommandError, exitCode } from '../exit-code.ts';
import { type ServiceName, serviceNames } from '../service-names.ts';

const isServiceName = (name: string): name is ServiceName => serviceNames.some((known) => known === name);

export async function serve(
  { environment, terminal, signal }: CommandContext,
  names: readonly string[],
): Promise<undefined> {
  const unknown = names.filter((name) => !isServiceName(name));
  if (unknown.length > 0)
    throw new CommandError(
      `There is no service ${unknown.join(', ')}. Known are: ${serviceNames.join(', ')}.`,
      exitCode.usage,
    );
  const isWhole = names.length === 0;
  const inStack = stackDemo(environment);
  // Half an application at Oura is a mistake that the settings report, no wish for a demo.
  const hasApplication = Boolean(environment.OURA_CLIENT_ID?.trim() || environment.OURA_CLIENT_SECRET?.trim());
  const demo = isWhole && !hasApplication && !inStack ? await startDemoRing(environment) : undefined;
  const made = demo ?? inStack;
  try {
    const application = await startApplication({
      environment: made?.environment ?? environment,
      ...(!isWhole && { services: names.filter(isServiceName) }),
      ...(made && { notices: [made.notice] }),
    });
    try {
      if (isWhole) terminal.print(`${application.url}/dashboard`);
      if (demo)
        terminal.note(
          'No OURA_CLIENT_ID is set: this is a demo ring. Set OURA_CLIENT_ID and OURA_CLIENT_SECRET to connect yours.',
        );
      await demo?.connect(application.url, signal);
      if (!signal.aborted) await once(signal, 'abort');
    } finally {
      await application.stop();
    }
  } finally {
    await demo?.stop();
  }
  return undefined;
}
