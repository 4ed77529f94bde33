// `serve`: the pipeline until a signal ends it. Without an application at Oura and without data of one's own it shows the demo ring. What can be
// refused is refused in this order, before anything is touched: the settings, a folder in use, the ports.
import { once } from 'node:events';
import { refuseOwnedFolder } from '../../runtime/data-folder.ts';
import { startApplication } from '../application.ts';
import type { CommandContext } from '../command-context.ts';
import { hasOwnData } from '../data-place.ts';
import { demoEnvironment, stackDemo, startDemoRing } from '../demo.ts';
import { isEmbedded } from '../engines.ts';
import { CommandError, exitCode } from '../exit-code.ts';
import { claimPorts } from '../ports.ts';
import { type ServiceName, serviceNames } from '../service-names.ts';
import { readApplicationSettings } from '../settings.ts';

const variables = ['OURA_CLIENT_ID', 'OURA_CLIENT_SECRET'];
const notConnectable = {
  text: 'No application at Oura is set up, so nothing new comes in by itself. Set OURA_CLIENT_ID and OURA_CLIENT_SECRET and start again to connect a ring.',
  variables,
};

const isServiceName = (name: string): name is ServiceName => serviceNames.some((known) => known === name);

export async function serve(
  { environment, terminal, signal }: CommandContext,
  names: readonly string[],
  options: { demo?: boolean },
): Promise<undefined> {
  const isWhole = names.length === 0;
  refuseNames(names, options);
  const services = isWhole ? serviceNames : names.filter(isServiceName);
  const inStack = stackDemo(environment);
  // Half an application at Oura is a mistake that the settings report, no wish for a demo.
  const hasApplication = variables.some((name) => environment[name]?.trim());
  const isBare = isWhole && !hasApplication && !inStack;
  const isDemo = options.demo || (isBare && !hasOwnData(environment));

  const settled = isDemo ? demoEnvironment(environment) : (inStack?.environment ?? environment);
  const settings = readApplicationSettings(settled, services);
  if (isEmbedded(settings)) refuseOwnedFolder(settings.DATA_DIR);
  const ports = await claimPorts(settings, { isPublic: services.includes('ingest') });
  try {
    const demo = isDemo
      ? await startDemoRing({
          environment: settled,
          dataDir: settings.DATA_DIR,
          historyDays: settings.HISTORY_DAYS,
          publicUrl: ports.public?.url ?? '',
        })
      : undefined;
    const notice = demo?.notice ?? inStack?.notice ?? (isBare ? notConnectable : undefined);
    try {
      const application = await startApplication({
        environment: demo?.environment ?? settled,
        ports,
        services,
        ...(notice && { notices: [notice] }),
      });
      try {
        if (isWhole) terminal.print(`${application.url}/dashboard`);
        if (demo) terminal.note(`${demo.notice.text} Its data is in ${settings.DATA_DIR}.`);
        else if (isBare) terminal.note(`${notConnectable.text} \`npm start -- --demo\` shows a demo ring.`);
        await demo?.connect(application.url, signal);
        if (!signal.aborted) await once(signal, 'abort');
      } finally {
        await application.stop();
      }
    } finally {
      await demo?.stop();
    }
  } finally {
    await ports.stop();
  }
  return undefined;
}

function refuseNames(names: readonly string[], { demo }: { demo?: boolean }): void {
  const unknown = names.filter((name) => !isServiceName(name));
  if (unknown.length > 0)
    throw new CommandError(
      `There is no service ${unknown.join(', ')}. Known are: ${serviceNames.join(', ')}.`,
      exitCode.usage,
    );
  if (demo && names.length > 0)
    throw new CommandError('--demo runs every service: leave their names out.', exitCode.usage);
}
