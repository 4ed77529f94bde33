// What every service gives to the composition root: how to start and stop it, and what health says. Routers are handed over separately,
// because where they are mounted is the root's business.

export interface HealthReport {
  /** False once the service stopped for good; a liveness probe then restarts the process. */
  alive: boolean;
  /** False while something it needs is missing. */
  ready: boolean;
  /** Plain sentences, for people: what is wrong and what to do. */
  problems: readonly string[];
}

export interface Service {
  readonly name: string;
  /** Resolves when the service works. */
  start(): Promise<void>;
  /** Finishes what is at hand, then resolves. Safe to call twice. */
  stop(): Promise<void>;
  health(): HealthReport;
}
