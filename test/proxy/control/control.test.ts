import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { findHome } from '../../../proxy/config/home.ts';
import { connectControl, type ControlClient } from '../../../proxy/control/client.ts';
import { notification, request } from '../../../proxy/control/declare.ts';
import { answer, listenControl, type ControlPeer, type ControlServer } from '../../../proxy/control/server.ts';
import { controlSocketPath } from '../../../proxy/control/socket-path.ts';
import { SimppError } from '../../../shared/errors.ts';

const double = request('double', z.strictObject({ number: z.int() }), z.object({ number: z.int() }));
const refuse = request('refuse', z.strictObject({}), z.object({}));
const watch = request('watch', z.strictObject({}), z.object({}));
const ticked = notification('ticked', z.object({ count: z.int() }));

describe('the control socket', () => {
  let folder: string;
  let path: string;
  let server: ControlServer | undefined;
  let client: ControlClient | undefined;
  let watcher: ControlPeer | undefined;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'simpp-control-'));
    path = join(folder, 'proxy.sock');
  });

  afterEach(async () => {
    client?.close();
    await server?.close();
    [client, server, watcher] = [undefined, undefined, undefined];
    rmSync(folder, { recursive: true });
  });

  async function start(): Promise<void> {
    server = await listenControl(path, [
      answer(double, ({ number }) => ({ number: 2 * number })),
      answer(refuse, () => {
        throw new SimppError('keystore-locked', 'The passphrase is wrong.');
      }),
      answer(watch, (_, peer) => {
        watcher = peer;
        return {};
      }),
    ]);
  }

  async function connect(): Promise<ControlClient> {
    client = await connectControl(path);
    assert.ok(client !== undefined);
    return client;
  }

  it('answers declared requests', async () => {
    await start();
    assert.deepEqual(await (await connect()).call(double, { number: 21 }), { number: 42 });
  });

  it('carries code and text of an error across', async () => {
    await start();
    await assert.rejects((await connect()).call(refuse, {}), (error) => {
      assert.ok(error instanceof SimppError);
      return error.code === 'keystore-locked' && error.message === 'The passphrase is wrong.';
    });
  });

  it('refuses parameters that do not fit the declaration, and unknown methods', async () => {
    await start();
    const wrong = request('double', z.any(), z.any());
    await assert.rejects((await connect()).call(wrong, { number: 'x' }), isInternal);
    await assert.rejects(client!.call(wrong, { number: 1, more: 2 }), isInternal);
    await assert.rejects(client!.call(request('none', z.any(), z.any()), {}), isInternal);
  });

  it('does not trust an answer that does not fit the declaration', async () => {
    await start();
    const other = request('double', double.params, z.object({ text: z.string() }));
    await assert.rejects((await connect()).call(other, { number: 1 }), /another version/);
  });

  it('notifies its peers, and learns when they are gone', async () => {
    await start();
    await (await connect()).call(watch, {});
    const { promise: seen, resolve } = Promise.withResolvers<number>();
    client!.on(ticked, ({ count }) => resolve(count));
    const { promise: gone, resolve: setGone } = Promise.withResolvers<void>();
    watcher!.onClose(setGone);
    watcher!.notify(ticked, { count: 7 });
    assert.equal(await seen, 7);
    client!.close();
    await gone;
    watcher!.notify(ticked, { count: 8 }); // to nobody
  });

  it('cuts off a peer that was suspended and takes no notifications, instead of keeping them all for it', async () => {
    await start();
    const suspended = createConnection(path);
    suspended.on('error', () => {});
    const request = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'watch', params: {} });
    suspended.write(`Content-Length: ${request.length}\r\n\r\n${request}`);
    await once(suspended, 'readable');
    const { promise: gone, resolve: setGone } = Promise.withResolvers<void>();
    watcher!.onClose(setGone);
    for (let count = 0; count < 5000; count++) watcher!.notify(ticked, { count });
    await gone;
    suspended.destroy();
  });

  it('notifies a peer that reads of everything', async () => {
    await start();
    await (await connect()).call(watch, {});
    let seen = 0;
    const { promise: all, resolve } = Promise.withResolvers<void>();
    const count = 5000;
    client!.on(ticked, () => ++seen === count && resolve());
    for (let number = 0; number < count; number++) {
      watcher!.notify(ticked, { count: number });
      if (number % 500 === 499) while (seen <= number) await new Promise(setImmediate);
    }
    await all;
  });

  it('tells its clients when the role ends', async () => {
    await start();
    const { closed } = await connect();
    await server!.close();
    await closed;
    assert.equal(existsSync(path), false);
    server = undefined;
  });

  it('cuts off a peer that speaks no JSON-RPC and serves the others', async () => {
    await start();
    const stranger = createConnection(path);
    stranger.on('error', () => {});
    stranger.write('GET / HTTP/1.1\r\n\r\n{"x":1}\r\n\r\n');
    stranger.end();
    await once(stranger, 'close');
    assert.deepEqual(await (await connect()).call(double, { number: 1 }), { number: 2 });
  });

  it('belongs to its owner alone', async () => {
    await start();
    assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  it('cannot be opened by another user', async function () {
    // Only root can become somebody else to try.
    if (process.getuid?.() !== 0) return assert.equal(statSync(folder).mode & 0o077, 0);
    await start();
    const script = `require('node:net').createConnection(process.argv[1])
      .on('connect', () => { console.log('connected'); process.exit(); })
      .on('error', (error) => console.log(error.code));
      process.on('uncaughtException', (error) => console.log(error.code));`;
    const child = spawn(process.execPath, ['-e', script, path], { uid: 65534, gid: 65534, cwd: '/' });
    const output: Buffer[] = [];
    for await (const chunk of child.stdout) output.push(chunk as Buffer);
    assert.equal(Buffer.concat(output).toString().trim(), 'EACCES');
  });

  it('is refused to a second process', async () => {
    await start();
    await assert.rejects(
      listenControl(path, []),
      (error) => error instanceof SimppError && error.code === 'already-running',
    );
    assert.deepEqual(await (await connect()).call(double, { number: 1 }), { number: 2 });
  });

  it('is taken over when a killed process has left it behind', async () => {
    const script = "require('node:net').createServer().listen(process.argv[1], () => console.log('ready'))";
    const child = spawn(process.execPath, ['-e', script, path]);
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    assert.ok(statSync(path).isSocket());
    assert.equal(await connectControl(path), undefined);
    await start();
    assert.deepEqual(await (await connect()).call(double, { number: 2 }), { number: 4 });
  });

  it('never takes the place of a file that is no socket', async () => {
    writeFileSync(path, 'precious');
    await assert.rejects(start(), (error) => error instanceof SimppError && error.code === 'storage-failed');
    assert.equal(readFileSync(path, 'utf8'), 'precious');
  });

  it('has a short path in a private folder when its own would be too long', async function () {
    if (process.platform === 'win32') return;
    const home = findHome({ platform: 'linux', home: folder, env: { SIMPP_HOME: join(folder, 'x'.repeat(120)) } });
    path = controlSocketPath(home, 'gateway');
    assert.ok(Buffer.byteLength(path) <= 103);
    assert.notEqual(path, controlSocketPath(home, 'proxy'));
    const { mode, uid } = statSync(join(path, '..'));
    assert.deepEqual([mode & 0o777, uid], [0o700, process.getuid?.()]);
    await start();
    assert.deepEqual(await (await connect()).call(double, { number: 3 }), { number: 6 });
  });

  it('finds nobody where no role runs', async () => {
    assert.equal(await connectControl(path), undefined);
  });
});

function isInternal(error: unknown): boolean {
  return error instanceof SimppError && error.code === 'internal';
}
