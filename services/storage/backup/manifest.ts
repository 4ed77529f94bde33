// What a backup folder says about itself: written last, so a folder without it is no complete backup.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';

export const manifestFile = 'manifest.json';

export const backupManifest = z.object({
  format: z.literal(1),
  /** ISO 8601 UTC: the moment the backup shows. */
  takenAt: z.iso.datetime(),
  /** Version of oura-streaming that took it. */
  appVersion: z.string(),
  sqliteVersion: z.string(),
  files: z
    .array(
      z.object({
        // A name, not a path: nothing outside the folder is ever read or written.
        name: z.string().regex(/^[\w][\w.-]*$/),
        bytes: z.int(),
        sha256: z.string(),
        /** Newest migration of a database. */
        migration: z.string().optional(),
      }),
    )
    .min(1),
});
export type BackupManifest = z.output<typeof backupManifest>;
export type BackupFile = BackupManifest['files'][number];

export async function describeFile(
  folder: string,
  name: string,
): Promise<Pick<BackupFile, 'name' | 'bytes' | 'sha256'>> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(join(folder, name)), hash);
  return { name, bytes: (await stat(join(folder, name))).size, sha256: hash.digest('hex') };
}
