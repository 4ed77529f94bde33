// A stand-in for the Oura cloud over HTTP: see README.md. This file is the wiring diagram.

import type { Simulator, SimulatorOptions } from './options.ts';

export type * from './options.ts';

export function createSimulator(options: SimulatorOptions): Promise<Simulator> {
  return Promise.reject(new Error(`the simulator for ${options.clientId} is still being wired`));
}
