// Everything the page is made of, read once at the start: its modules with their types stripped, styles, icon and font. One hash over all
// of it stands in every address, so a browser may keep each file for ever and a new version is a new address. Nothing comes from elsewhere.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { noticeParts } from '../page/notice-parts.ts';
import type { PageFacts } from '../socket/page-message.ts';
import { stripTypes } from './strip-types.ts';

type Notice = PageFacts['notices'][number];

export interface Asset {
  type: string;
  bytes: Buffer;
  /** Absent where it would not be smaller. */
  gzipped?: Buffer;
}

export interface PageAssets {
  /** `index.html` with the addresses of this version. */
  html: Asset;
  /** By path under `/assets/<hash>/`. */
  files: ReadonlyMap<string, Asset>;
  hash: string;
}

const typeOf: Readonly<Record<string, string>> = {
  ts: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};

const pageFolder = fileURLToPath(new URL('../page/', import.meta.url));
const fontName = 'inter-latin-wght-normal.woff2';

const text = (type: string, content: string): Asset => {
  const bytes = Buffer.from(content);
  return { type, bytes, gzipped: gzipSync(bytes) };
};

async function readPage(): Promise<Map<string, Asset>> {
  const files = new Map<string, Asset>();
  for (const entry of await readdir(pageFolder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = relative(pageFolder, path).replaceAll('\\', '/');
    const ending = name.split('.').at(-1) ?? '';
    const type = typeOf[ending];
    if (!entry.isFile() || !type || name.endsWith('.test.ts')) continue;
    const content = await readFile(path, 'utf8');
    files.set(`page/${name}`, text(type, ending === 'ts' ? stripTypes(content) : content));
  }
  return files;
}

/** As blocks/top.ts draws them: the page keeps their place from the first paint. */
function noticesHtml(notices: readonly Notice[]): string {
  const paragraphs = notices.map(({ text, variables }) => {
    const parts = noticeParts(text, variables).map((part) => {
      const escaped = escapeHtml(part.text);
      return part.isVariable ? `<code>${escaped}</code>` : escaped;
    });
    return `<p class="notice">${parts.join('')}</p>`;
  });
  return `<div class="notices">${paragraphs.join('')}</div>`;
}

const escapeHtml = (text: string): string => text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);

export async function loadPageAssets(notices: readonly Notice[]): Promise<PageAssets> {
  const files = await readPage();
  const font = createRequire(import.meta.url).resolve(`@fontsource-variable/inter/files/${fontName}`);
  files.set(`fonts/${fontName}`, { type: 'font/woff2', bytes: await readFile(font) });
  const digest = createHash('sha256');
  for (const [name, { bytes }] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) digest.update(name).update(bytes);
  const hash = digest.digest('hex').slice(0, 16);
  const base = `/assets/${hash}`;
  const modules = [...files.keys()].filter((name) => name.endsWith('.ts') && !name.endsWith('/first-theme.ts'));
  const preloads = modules.map((name) => `<link rel="modulepreload" href="${base}/${name}">`).join('\n');
  const html = (await readFile(join(pageFolder, 'index.html'), 'utf8'))
    .replaceAll('{{assets}}', base)
    .replace('{{preloads}}', preloads)
    .replace('{{notices}}', () => noticesHtml(notices));
  return { html: text('text/html; charset=utf-8', html), files, hash };
}
