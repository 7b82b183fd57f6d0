// A program with the life of a role (proxy/cli/run-role.ts) and the smallest
// engine: it listens, and says so.
import { createServer } from 'node:net';
import { findHome } from '../../../proxy/config/home.ts';
import { processOutput } from '../../../proxy/cli/output.ts';
import { reportError } from '../../../proxy/cli/report.ts';
import { runRole } from '../../../proxy/cli/run-role.ts';

const [how] = process.argv.slice(2);

async function main(): Promise<number> {
  const server = createServer((socket) => socket.pipe(socket));
  let reloads = 0;
  try {
    await runRole({
      role: 'proxy',
      home: findHome(),
      level: 'info',
      output: processOutput(true),
      handlers: [],
      async start(log) {
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
        const address = server.address();
        const listen = [`127.0.0.1:${typeof address === 'object' ? address?.port : ''}`];
        log.debug('listening', { listen: listen[0] });
        return {
          listen,
          status: (common) => ({
            role: 'proxy',
            ...common,
            listen,
            connections: { opening: 0, open: 3 },
            setups: [{ name: 'a@example.org', kind: 'jid', mode: 'direct', connections: 3 }],
            counters: { reloads },
          }),
          async reload() {
            reloads++;
            if (how === 'bad-reload') throw new Error('a secret that no log may have');
            log.info('reloaded', { count: reloads });
            return { taken: [], notes: ['listen counts after a restart'] };
          },
          stop: () =>
            how === 'never-stops'
              ? new Promise(() => {})
              : new Promise((resolve) => void server.close(() => resolve())),
          greeting: [],
        };
      },
    });
    return 0;
  } catch (error) {
    return reportError(error, true);
  }
}

process.exitCode = await main();
