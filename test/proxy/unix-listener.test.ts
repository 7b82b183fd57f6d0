// Unix sockets as listeners: private, and never at the cost of somebody else's file.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { SimppError } from '../../shared/errors.ts';
import { listenAll, type Listener } from '../../proxy/listener.ts';
import { formatListenAddress, parseListenAddress } from '../../proxy/listen-address.ts';
import { RawClient } from './client/raw-client.ts';
import { directTo, TestProxy } from './client/test-proxy.ts';
import { temporaryFolder } from './keystore/folder.ts';

const listen = (path: string): Promise<readonly Listener[]> =>
  listenAll([{ address: { path } }], (socket) => {
    socket.on('error', () => undefined); // who only looks whether somebody listens hangs up at once
    socket.end('served');
  });

async function refused(path: string, text: RegExp, code = 'config-invalid'): Promise<void> {
  await assert.rejects(listen(path), (error) => {
    assert.ok(error instanceof SimppError);
    assert.match(error.message, text);
    return error.code === code;
  });
}

/** A socket file on which nobody listens, as a killed process leaves it. */
function leaveSocket(path: string): void {
  const script = `require('node:net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`;
  spawnSync(process.execPath, ['-e', script, path]);
  assert.ok(lstatSync(path).isSocket());
}

describe('a Unix socket for clients', () => {
  const folder = temporaryFolder();
  const path = (): string => join(folder(), 'xmpp.sock');
  /** A folder of another user. */
  const theirs = (): string => {
    if (process.getuid?.() !== 0) return '/usr';
    const made = join(folder(), 'theirs');
    mkdirSync(made, { mode: 0o700 });
    chownSync(made, 65_534, 65_534);
    return made;
  };
  const modeOf = (file: string): number => lstatSync(file).mode & 0o777;

  it('is written as unix:/path or as an absolute path', () => {
    for (const text of ['unix:/run/xmpp.sock', '/run/xmpp.sock']) {
      const address = parseListenAddress(text);
      assert.deepEqual(address, { path: '/run/xmpp.sock' });
      assert.equal(formatListenAddress(address), 'unix:/run/xmpp.sock');
    }
    for (const text of ['unix:xmpp.sock', './xmpp.sock', 'unix:', '/a\0b', '0.0.0.0:5222']) {
      assert.equal(parseListenAddress(text), undefined);
    }
  });

  it('has mode 0600, in a folder made for it with mode 0700, and is gone afterwards', async () => {
    const deeper = join(folder(), 'simpp', 'xmpp.sock');
    const [listener] = await listen(deeper);
    assert.equal(listener?.address, `unix:${deeper}`);
    assert.deepEqual([modeOf(deeper), modeOf(join(folder(), 'simpp'))], [0o600, 0o700]);
    await using client = await RawClient.connect(`unix:${deeper}`);
    assert.equal(await client.closed(), 'served');
    client.socket.end();
    await listener?.close();
    assert.equal(existsSync(deeper), false);
  });

  it('replaces one that an ended process left behind', async () => {
    leaveSocket(path());
    const [listener] = await listen(path());
    assert.equal(modeOf(path()), 0o600);
    await listener?.close();
  });

  it('is refused where somebody listens, who is not disturbed', async () => {
    const [first] = await listen(path());
    await refused(path(), /already in use/, 'port-taken');
    await using client = await RawClient.connect(`unix:${path()}`);
    assert.equal(await client.closed(), 'served');
    client.socket.end();
    await first?.close();
  });

  it('is refused where something else is, and deletes nothing', async () => {
    writeFileSync(path(), 'a letter');
    await refused(path(), /something else at this place/);
    assert.equal(readFileSync(path(), 'utf8'), 'a letter');
    const target = join(folder(), 'target.sock');
    leaveSocket(target);
    const link = join(folder(), 'link.sock');
    symlinkSync(target, link);
    await refused(link, /something else at this place/);
    assert.ok(existsSync(target));
  });

  it('is refused in a folder that others can enter, or that is another user’s', async () => {
    chmodSync(folder(), 0o750);
    await refused(path(), /Others can enter its folder .*: .* chmod 700/);
    assert.equal(existsSync(path()), false);
    await refused(join(theirs(), 'xmpp.sock'), /folder .* belongs to another user/);
  });

  it('is refused at another user’s socket, which stays', async () => {
    leaveSocket(path());
    // Only root can give files away; for anybody else there is no such socket in a folder of one's own.
    if (process.getuid?.() !== 0) return;
    chownSync(path(), 65_534, 65_534);
    await refused(path(), /The socket at this place belongs to another user/);
    assert.ok(existsSync(path()));
  });

  it('is refused with a path that is too long, or where no folder can be made', async () => {
    await refused(join(folder(), 'x'.repeat(120)), /at most 10[37] are possible/);
    writeFileSync(join(folder(), 'file'), '');
    await refused(join(folder(), 'file', 'xmpp.sock'), /cannot be made/);
  });

  it('serves XMPP clients as any plaintext listener', async () => {
    const setups = [directTo(1, { jid: 'alice@example.test' })];
    const listenHere = [{ path: path() }, { host: '127.0.0.1', port: 0 }];
    await using proxy = await TestProxy.start({ setups, listen: listenHere, passwords: { 'alice@example.test': 'x' } });
    assert.equal(proxy.running.listen[0], `unix:${path()}`);
    await using client = await RawClient.connect(proxy.address);
    assert.match(await client.open('example.test'), /<mechanism>SCRAM-SHA-256</);
  });
});
