// What the figures were measured on.
import { cpus, loadavg, totalmem } from 'node:os';

export function machine(): string {
  const [cpu] = cpus();
  return [
    `${cpu?.model.trim() || process.arch} · ${cpus().length} cores · ${(totalmem() / 2 ** 30).toFixed(0)} GB`,
    `Node ${process.versions.node} · ${process.platform} ${process.arch}`,
    new Date().toISOString().slice(0, 10),
    `load ${loadavg()[0]?.toFixed(1)} before the first bench`,
  ].join(' · ');
}
