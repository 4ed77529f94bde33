// What the webhook is compared with: `node:http`, the HMAC over the body, 202, and nothing kept.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';

const secret = process.env.OURA_CLIENT_SECRET ?? '';

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const digest = createHmac('sha256', secret)
      .update(String(request.headers['x-oura-timestamp']))
      .update(Buffer.concat(chunks))
      .digest();
    const given = Buffer.from(String(request.headers['x-oura-signature']), 'hex');
    const isSigned = given.length === digest.length && timingSafeEqual(digest, given);
    response.writeHead(isSigned ? 202 : 401, { 'content-length': 0 }).end();
  });
});
server.listen(Number(process.env.PORT), '127.0.0.1');
