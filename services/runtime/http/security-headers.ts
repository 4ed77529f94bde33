// What a browser may do with our pages: only what comes from this server, nothing inline, no framing, no referrer to others. No HSTS and
// no upgrade to https: TLS is the business of the proxy in front, and http://localhost has to keep working.

import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';
import helmet from 'helmet';
import { hostName } from './host-check.ts';

// Older Safari does not take 'self' for the WebSocket of the same host, so it is named. Behind a proxy with TLS it is wss.
const ownSocket = ({ headers }: IncomingMessage): string =>
  hostName(headers.host) === undefined ? "'self'" : `ws://${headers.host} wss://${headers.host}`;

export const securityHeaders = (): RequestHandler =>
  helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        fontSrc: ["'self'"],
        manifestSrc: ["'self'"],
        connectSrc: ["'self'", ownSocket],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    strictTransportSecurity: false,
    crossOriginEmbedderPolicy: false,
    referrerPolicy: { policy: 'no-referrer' },
  });
