// A line between browser and application that can be cut, as a router that is switched off: open connections end, new ones are refused.
import { connect, createServer, type Server, type Socket } from 'node:net';

export interface BreakableLine {
  url: string;
  cut(): void;
  mend(): Promise<void>;
  close(): Promise<void>;
}

export async function breakableLine(targetPort: number): Promise<BreakableLine> {
  const sockets = new Set<Socket>();
  const listen = (port: number): Promise<Server> =>
    new Promise((resolve, reject) => {
      const server = createServer((near) => {
        const far = connect(targetPort, '127.0.0.1');
        for (const socket of [near, far]) {
          sockets.add(socket);
          // A cut ends both sides at once; whichever notices second has nothing to report.
          socket.on('error', () => socket.destroy());
          socket.on('close', () => {
            sockets.delete(socket);
            near.destroy();
            far.destroy();
          });
        }
        near.pipe(far).pipe(near);
      });
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => resolve(server));
    });

  let server = await listen(0);
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the line has no port');
  const { port } = address;
  const cut = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${port}`,
    cut,
    async mend() {
      server = await listen(port);
    },
    close: async () => cut(),
  };
}
