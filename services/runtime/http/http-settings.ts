// The settings of the main listener (page, API, health). Only the composition root reads them.
import { z } from 'zod';
import { setting } from '../settings.ts';

export const httpSettings = z.object({
  HTTP_HOST: setting
    .text()
    .default('127.0.0.1')
    .describe('Address the page and the API listen on. Any other than this machine needs HTTP_PASSWORD.'),
  HTTP_PORT: setting.port().default(8000).describe('Port of the page and the API.'),
  HTTP_PASSWORD: setting
    .text()
    .min(12, 'expected at least 12 characters')
    .optional()
    .describe('Password of the page and the API (HTTP Basic with any user name, or a Bearer token).'),
  HTTP_ALLOWED_HOSTS: setting
    .list()
    .default([])
    .describe(
      'Host names, separated by commas, under which the page is reached, besides localhost and plain addresses.',
    ),
});

export type HttpSettings = z.output<typeof httpSettings>;
