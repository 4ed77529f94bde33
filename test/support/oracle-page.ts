// A page as the browser keeps it, for an oracle: connects again with its last cursor for as long as it takes, and holds the newest state of each line it was
// ever told. A page that had to begin anew says so, because then lines in between may be missing.
import { WebSocket } from 'ws';
import type { FeedEntry } from '../../services/live/feed/feed-entry.ts';
import { pageMessage } from '../../services/live/socket/page-message.ts';
import type { OracleEvent } from './oracle-events.ts';

export interface OraclePage {
  readonly ouraUserId: string;
  lines(): FeedEntry[];
  /** Times it got a snapshot where it had asked to go on. */
  beganAnew(): number;
  /** Times it lost its connection. */
  lost(): number;
  close(): void;
}

const retryMs = 100;

/** @param url of the live service; @param user our id of the person */
export function openPage({ url, user, ouraUserId }: { url: string; user: string; ouraUserId: string }): OraclePage {
  const lines = new Map<string, FeedEntry>();
  const counts = { beganAnew: 0, lost: 0 };
  let cursor = '';
  let socket: WebSocket;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  const open = () => {
    const address = new URL('/ws', url.replace('http', 'ws'));
    address.searchParams.set('user', user);
    if (cursor) address.searchParams.set('cursor', cursor);
    socket = new WebSocket(address);
    socket.on('message', (data) => {
      const message = pageMessage.parse(JSON.parse(String(data)));
      if (message.type === 'snapshot' && cursor) counts.beganAnew += 1;
      if (message.type !== 'alive') for (const line of message.feed) lines.set(line.id, line);
      cursor = message.cursor;
    });
    // The close that follows says enough.
    socket.on('error', () => {});
    socket.on('close', () => {
      counts.lost += 1;
      if (!isClosed) timer = setTimeout(open, retryMs);
    });
  };
  open();
  return {
    ouraUserId,
    lines: () => [...lines.values()],
    beganAnew: () => counts.beganAnew,
    lost: () => counts.lost,
    close() {
      isClosed = true;
      clearTimeout(timer);
      socket.terminate();
    },
  };
}

type Told = Pick<OraclePage, 'ouraUserId' | 'lines' | 'beganAnew'>;

/**
 * Every acknowledged event has a line on its person's page: its own, or that of its document where that was read first. No line is of anything else, and no page
 * had to begin anew.
 */
export const checkPages = (pages: readonly Told[], events: readonly OracleEvent[]): string[] =>
  pages.flatMap((page) =>
    checkPage(
      page,
      events.filter(({ ouraUserId }) => ouraUserId === page.ouraUserId),
    ),
  );

const objectOf = ({ dataType, objectId }: OracleEvent): string => `${dataType}/${objectId}`;

function checkPage(page: Told, events: readonly OracleEvent[]): string[] {
  const whose = `the page of ${page.ouraUserId}`;
  const sent = new Set(events.map(({ id }) => id));
  const named = new Set(events.map(objectOf));
  const lines = page.lines().filter(({ kind, via }) => kind === 'document' && via === 'webhook');
  const shown = new Set(lines.map(({ id }) => id));
  const ofDocuments = lines
    .filter(({ id }) => !sent.has(id))
    .map((line) => ({ line, object: `${line.resource}/${line.object_id}` }));
  const stray = ofDocuments.filter(({ object }) => !named.has(object));
  const joined = Map.groupBy(
    ofDocuments.filter(({ line }) => line.event_type !== null),
    ({ object }) => object,
  );
  const unseen = Map.groupBy(
    events.filter(({ id, isAcknowledged }) => isAcknowledged && !shown.has(id)),
    objectOf,
  );
  const missing = [...unseen].flatMap(([object, its]) => its.slice(joined.get(object)?.length ?? 0));
  const anew = page.beganAnew();
  return [
    ...missing.map((event) => `${whose} never showed ${event.id} (${objectOf(event)})`),
    ...stray.map(({ line }) => `${whose} shows ${line.id}, which was never sent`),
    ...(anew > 0 ? [`${whose} had to begin anew ${anew} times`] : []),
  ];
}
