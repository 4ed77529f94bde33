// A TCP proxy between the services and an engine, with the faults of a network: an answer that is lost after the work was done, bytes that
// vanish, connections cut, nobody there.
// It keeps its own port over restarts of the engine behind it.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Target {
  host: string;
  port: number;
}

/** What becomes of a lost answer: the connection ends, or the client waits for ever. */
export type Loss = 'cut' | 'silence';

export interface TcpProxy {
  port: number;
  /** Asked at each connection. Undefined: refused. */
  target: Target | undefined;
  /** The next Kafka produce request reaches the broker and its answer is lost. Resolves when that has happened. */
  loseProduceAnswer(loss: Loss): Promise<void>;
  /** Bytes in both directions vanish while it is on; connections stay. */
  swallow(isOn: boolean): void;
  /** Ends every connection. */
  cutAll(): void;
  close(): Promise<void>;
}

const produceKey = 0;

export async function openTcpProxy(target?: Target): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let losing: { loss: Loss; lost(): void } | undefined;
  let isSwallowing = false;

  const join = (client: Socket, engine: Socket) => {
    let doomed: typeof losing;
    const requests = kafkaRequests((apiKey) => {
      if (apiKey !== produceKey || !losing) return;
      doomed = losing;
      losing = undefined;
    });
    client.on('data', (chunk: Buffer) => {
      if (losing) requests(chunk);
      if (!isSwallowing) engine.write(chunk);
    });
    engine.on('data', (chunk: Buffer) => {
      if (!doomed) return isSwallowing || client.write(chunk);
      doomed.lost();
      if (doomed.loss === 'cut') client.destroy();
      return undefined;
    });
    for (const [socket, other] of [
      [client, engine],
      [engine, client],
    ] as const) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  };

  const proxy: TcpProxy = {
    port: 0,
    target,
    loseProduceAnswer: (loss) =>
      new Promise((resolve) => {
        losing = { loss, lost: resolve };
      }),
    swallow(isOn) {
      isSwallowing = isOn;
    },
    cutAll() {
      for (const socket of sockets) socket.destroy();
    },
    async close() {
      server.close();
      proxy.cutAll();
    },
  };
  const server = createServer((client) => {
    if (!proxy.target) return void client.destroy();
    join(client, connect(proxy.target));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  proxy.port = (server.address() as AddressInfo).port;
  return proxy;
}

/** Tells the API key of each request of a stream. It must begin at a request, which is so where a client waits for each answer. */
function kafkaRequests(onRequest: (apiKey: number) => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0);
  let skip = 0;
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      const skipped = Math.min(skip, rest.length);
      rest = rest.subarray(skipped);
      skip -= skipped;
      if (skip > 0 || rest.length < 6) return;
      onRequest(rest.readInt16BE(4));
      skip = 4 + rest.readInt32BE(0);
    }
  };
}
