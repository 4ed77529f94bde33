// A page as the browser keeps it, for an oracle: connects again with its last cursor for as long as it takes, and holds the newest state of each line it was
// ever told. A page that missed too much at once is told the newest lines alone, so then it owes no older ones.
import { WebSocket } from 'ws';
import type { FeedEntry } from '../../services/live/feed/feed-entry.ts';
import { pageMessage } from '../../services/live/socket/page-message.ts';
import type { OracleEvent } from './oracle-events.ts';

export interface OraclePage {
  readonly ouraUserId: string;
  lines(): FeedEntry[];
  /** Times it came back with its cursor and was told what it missed, or all anew where that was too much. */
  cameBack(): number;
  /** When it last had to begin anew with a full list of lines, the time of the oldest of them; else the beginning of time. */
  owesFromMs(): number;
  close(): void;
}

const retryMs = 100;
/** As many lines as a snapshot has at most. */
const snapshotLines = 60;

/** @param url of the live service; @param user our id of the person */
export function openPage({ url, user, ouraUserId }: { url: string; user: string; ouraUserId: string }): OraclePage {
  const lines = new Map<string, FeedEntry>();
  let cameBack = 0;
  let owesFromMs = Number.NEGATIVE_INFINITY;
  let cursor = '';
  let socket: WebSocket;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  const open = () => {
    const address = new URL('/ws', url.replace('http', 'ws'));
    address.searchParams.set('user', user);
    let isResuming = cursor !== '';
    if (isResuming) address.searchParams.set('cursor', cursor);
    socket = new WebSocket(address);
    socket.on('message', (data) => {
      const message = pageMessage.parse(JSON.parse(String(data)));
      if (isResuming) cameBack += 1;
      isResuming = false;
      if (message.type === 'snapshot' && message.feed.length === snapshotLines)
        owesFromMs = Math.min(...message.feed.map(({ at }) => Date.parse(at)));
      if (message.type !== 'alive') for (const line of message.feed) lines.set(line.id, line);
      cursor = message.cursor;
    });
    // The close that follows says enough.
    socket.on('error', () => {});
    socket.on('close', () => {
      if (!isClosed) timer = setTimeout(open, retryMs);
    });
  };
  open();
  return {
    ouraUserId,
    lines: () => [...lines.values()],
    cameBack: () => cameBack,
    owesFromMs: () => owesFromMs,
    close() {
      isClosed = true;
      clearTimeout(timer);
      socket.terminate();
    },
  };
}

type Told = Pick<OraclePage, 'ouraUserId' | 'lines' | 'owesFromMs'>;

/**
 * Every acknowledged event that the page owes has a line on its person's page: its own, or that of its document where that was read first. No line is of anything
 * else.
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
  const owesFromMs = page.owesFromMs();
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
    events.filter(({ id, isAcknowledged, madeAtMs }) => isAcknowledged && madeAtMs >= owesFromMs && !shown.has(id)),
    objectOf,
  );
  const missing = [...unseen].flatMap(([object, its]) => its.slice(joined.get(object)?.length ?? 0));
  return [
    ...missing.map((event) => `${whose} never showed ${event.id} (${objectOf(event)})`),
    ...stray.map(({ line }) => `${whose} shows ${line.id}, which was never sent`),
  ];
}
