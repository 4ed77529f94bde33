// The routes of the public listener that connect a ring: connect links, and the address to which Oura sends people back. They answer pages
// for people. Only GET does anything: whoever merely looks (HEAD, link previews of mail programs) must not use up a link.
import { type RequestHandler, type Response, Router } from 'express';
import type { Logger } from '../../runtime/logger.ts';
import type { ConnectFlow } from './connect-flow.ts';
import { expiredLinkPage, notSetUpPage, type Page, pagePolicy, renderPage, resultPage } from './connect-pages.ts';

export const connectPath = '/connect';
export const callbackPath = '/oauth/callback';

const troublePage: Page = {
  status: 503,
  title: 'This did not work just now',
  sentences: ['Our own store cannot be reached. Reload this page in a minute; nothing is lost.'],
};

function send(response: Response, page: Page): void {
  response
    .status(page.status)
    .set('Content-Security-Policy', pagePolicy)
    .set('Referrer-Policy', 'no-referrer')
    .set('X-Content-Type-Options', 'nosniff')
    .set('Cache-Control', 'no-store')
    .type('html')
    .send(renderPage(page));
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value ? value : undefined);

/** @param flow undefined while no application at Oura is set up */
export function createConnectRouter(flow: ConnectFlow | undefined, logger: Logger): Router {
  const router = Router();
  const page =
    (work: (flow: ConnectFlow, query: Record<string, unknown>, response: Response) => Promise<void>): RequestHandler =>
    async (request, response) => {
      if (request.method !== 'GET') return void response.status(405).set('Allow', 'GET').end();
      if (!flow) return send(response, notSetUpPage);
      try {
        await work(flow, request.query, response);
      } catch (error) {
        logger.error({ err: error }, 'a ring could not be connected');
        send(response, troublePage);
      }
    };

  router.all(
    connectPath,
    page(async (open, query, response) => {
      const state = textOf(query.state);
      const consentPage = state && (await open.consentPage(state));
      if (!consentPage) return send(response, expiredLinkPage);
      response.set('Referrer-Policy', 'no-referrer').set('Cache-Control', 'no-store').redirect(302, consentPage);
    }),
  );
  router.all(
    callbackPath,
    page(async (open, query, response) => {
      const callback = { state: textOf(query.state), code: textOf(query.code), error: textOf(query.error) };
      send(response, resultPage(await open.finish(callback)));
    }),
  );
  return router;
}
