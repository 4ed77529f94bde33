// The demo ring: a simulated Oura cloud in this process, connected by the same OAuth, signatures and routes as a real one. It has a data folder of its own,
// so nothing made ever mixes with a person's data. The pipeline does not know: it only gets other addresses.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { makeDataFolder } from '../runtime/data-folder.ts';
import type { Environment } from '../runtime/settings.ts';
import { runSimulator } from '../simulator/main.ts';
import { oauthPaths } from '../simulator/simulator.ts';
import { connectRing } from './connect-ring.ts';
import { demoPlace } from './data-place.ts';

const clientId = 'demo-client';
const clientSecret = 'demo-secret-of-the-simulator';

const notice = {
  text: 'This is a demo ring. Set OURA_CLIENT_ID and OURA_CLIENT_SECRET and start again to connect yours.',
  variables: ['OURA_CLIENT_ID', 'OURA_CLIENT_SECRET'],
};

/** A demo in the stack: the simulator runs in a container of its own and connects its ring by itself. Undefined when this is none. */
export function stackDemo(environment: Environment): { environment: Environment; notice: typeof notice } | undefined {
  const { DEMO_SIMULATOR_URL: url, DEMO_PUBLIC_URL: publicUrl, DEMO_CLIENT_SECRET: secret } = environment;
  if (environment.OURA_CLIENT_ID || !url) return undefined;
  const application = { OURA_CLIENT_ID: clientId, OURA_CLIENT_SECRET: secret };
  // Only ingest is reached by it.
  const addresses = publicUrl ? { PUBLIC_URL: publicUrl, OURA_REDIRECT_URI: `${publicUrl}/oauth/callback` } : {};
  return {
    environment: { ...environment, ...simulatedCloud(url), ...application, ...addresses },
    notice,
  };
}

export interface DemoRing {
  /** The settings that lead the pipeline to the simulated cloud. */
  environment: Environment;
  notice: typeof notice;
  /** Says yes on the simulated consent page. */
  connect(apiUrl: string, signal: AbortSignal): Promise<void>;
  stop(): Promise<void>;
}

/** Where the addresses of a simulated cloud go in the settings. */
export const simulatedCloud = (url: string): Record<string, string> => ({
  OURA_API_URL: url,
  OURA_AUTHORIZE_URL: url + oauthPaths.authorize[0],
  OURA_TOKEN_URL: `${url}${oauthPaths.newToken},${url}${oauthPaths.legacyToken}`,
  OURA_REVOKE_URL: `${url}${oauthPaths.newRevoke},${url}${oauthPaths.legacyRevoke}`,
});

const birth = z.object({ seed: z.int(), live_from: z.iso.datetime() });

/** The ring is the same after a restart: what makes it is kept beside its data. */
function bornIn(folder: string): z.output<typeof birth> {
  const path = join(folder, 'ring.json');
  makeDataFolder(folder);
  try {
    return birth.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    const born = { seed: 1, live_from: new Date().toISOString() };
    writeFileSync(path, JSON.stringify(born));
    return born;
  }
}

const defaultHistoryDays = '90';

/** The settings of a demo but for the addresses of its cloud, which is not there yet: whatever is wrong with them is told before it starts. */
export const demoEnvironment = (environment: Environment): Environment => ({
  ...demoPlace(environment),
  OURA_CLIENT_ID: clientId,
  OURA_CLIENT_SECRET: clientSecret,
  HISTORY_DAYS: environment.HISTORY_DAYS?.trim() || defaultHistoryDays,
});

export interface DemoParts {
  /** That of `demoEnvironment`. */
  environment: Environment;
  dataDir: string;
  historyDays: number;
  /** Where its cloud reaches the pipeline. */
  publicUrl: string;
}

export async function startDemoRing({ environment, dataDir, historyDays, publicUrl }: DemoParts): Promise<DemoRing> {
  const { seed, live_from: liveFrom } = bornIn(dataDir);
  const { simulator, stop } = await runSimulator({
    port: 0,
    historyDays: Math.max(1, historyDays),
    clientId,
    clientSecret,
    seed,
    liveFrom: new Date(liveFrom),
  });
  return {
    environment: { ...environment, ...simulatedCloud(simulator.url), PUBLIC_URL: publicUrl },
    notice,
    async connect(apiUrl, signal) {
      const [wearer] = simulator.users;
      if (!wearer) return;
      await connectRing({
        apiUrl,
        password: environment.HTTP_PASSWORD || undefined,
        name: 'Demo',
        ouraUserId: wearer.ouraUserId,
        signal,
      });
    },
    stop,
  };
}
