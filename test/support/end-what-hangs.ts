// A reporter for jest: what a test left open keeps jest alive for ever, and with it whoever waits for the result. It is given some seconds to end, then
// jest ends with a failure that names it.
const patienceMs = 15_000;

export default class EndWhatHangs {
  private readonly isWatching: boolean;

  constructor({ watch, watchAll }: { watch: boolean; watchAll: boolean }) {
    this.isWatching = watch || watchAll;
  }

  onRunComplete(): void {
    if (this.isWatching) return;
    setTimeout(() => {
      console.error(`A test left open what keeps jest alive (${process.getActiveResourcesInfo().join(', ')}): ended.`);
      process.exit(1);
    }, patienceMs).unref();
  }
}
