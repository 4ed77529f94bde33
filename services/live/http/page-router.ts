// The page and its files. The document is asked for anew each time (it names the version), everything it names may be kept for a year.
import { createHash } from 'node:crypto';
import { type Request, type Response, Router } from 'express';
import type { Asset, PageAssets } from './page-assets.ts';

const yearS = 365 * 24 * 3600;

function send(request: Request, response: Response, { type, bytes, gzipped }: Asset): void {
  response.setHeader('Content-Type', type);
  response.setHeader('X-Content-Type-Options', 'nosniff');
  if (gzipped) response.vary('Accept-Encoding');
  if (gzipped && request.acceptsEncodings('gzip')) {
    response.setHeader('Content-Encoding', 'gzip');
    response.end(gzipped);
  } else response.end(bytes);
}

export function pageRouter({ html, files, hash }: PageAssets): Router {
  const router = Router();
  const etag = `"${createHash('sha256').update(html.bytes).digest('hex').slice(0, 16)}"`;
  router.get('/', (_request, response) => response.redirect(302, '/dashboard'));
  router.get('/dashboard', (request, response) => {
    response.setHeader('Cache-Control', 'no-cache');
    response.setHeader('ETag', etag);
    if (request.headers['if-none-match'] === etag) response.status(304).end();
    else send(request, response, html);
  });
  router.get('/assets/:hash/*path', (request, response, next) => {
    const { hash: asked, path } = request.params;
    const asset = files.get([path].flat().join('/'));
    if (!asset || asked !== hash) return next();
    response.setHeader('Cache-Control', `public, max-age=${yearS}, immutable`);
    send(request, response, asset);
  });
  return router;
}
