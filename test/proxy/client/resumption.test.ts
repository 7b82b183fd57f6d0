// The connection between proxy and server is lost behind clients that stay: real
// Prosody, and a tap in between that cuts or stalls.
import assert from 'node:assert/strict';
import { WireTap } from '../../../proxy/try/wire-tap.ts';
import { eventually } from '../../e2e/support/eventually.ts';
import { domain, prosodyForTests } from './prosody.ts';
import { bind, plainAuth, RawClient } from './raw-client.ts';
import { directTo, TestProxy } from './test-proxy.ts';

const jid = `alice@${domain}`;
const sm = `xmlns='urn:xmpp:sm:3'`;
const carol = `carol@${domain}/c`;
const message = (to: string, id: string, attributes = ''): string =>
  `<message${attributes} type='chat' to='${to}' id='${id}'><body>${id}</body></message>`;

/** Ids of the messages that a client got, in order. */
const ids = (client: RawClient): string[] =>
  Array.from(client.received.matchAll(/<body>([^<]+)<\/body>/g), (m) => m[1]!);

/**
 * Cuts the connection behind the next stanza that goes up. Prosody 0.12 takes a session back only if its last
 * connection did not break off within a stanza: it reads the new one as the rest of it.
 */
function cutBehindStanza(tap: WireTap): void {
  let cut: number | undefined;
  tap.transform((chunk, direction, connection) => {
    if (direction === 'down' || (cut !== undefined && connection > cut)) return chunk;
    if (cut !== undefined) return new Uint8Array(0);
    const end = Buffer.from(chunk).lastIndexOf('</message>');
    if (end < 0) return chunk;
    cut = connection;
    setImmediate(() => tap.cut(connection));
    return chunk.subarray(0, end + '</message>'.length);
  });
}

describe('an upstream that is lost behind a client', function () {
  this.timeout(30_000);
  const prosody = prosodyForTests();
  let stack: AsyncDisposableStack;
  let tap: WireTap;
  let proxy: TestProxy;

  beforeEach(async () => {
    stack = new AsyncDisposableStack();
    tap = stack.use(await WireTap.start(prosody.server));
    proxy = stack.use(
      await TestProxy.start({
        setups: [directTo(tap.port, { jid })],
        passwords: { [jid]: 'alice-secret' },
        timing: { askAfterMs: 50, silenceMs: 3_000, retryMs: 50 },
      }),
    );
  });
  afterEach(() => stack.disposeAsync());

  const resumed = (count: number): Promise<true> =>
    eventually(`${count} resumptions`, () => (proxy.running.status().counters['resumed'] ?? 0) >= count);

  /** Alice through the proxy, available. */
  async function alice(resource = 'a'): Promise<RawClient> {
    const client = stack.use(await RawClient.connect(proxy.address));
    await client.login(domain, 'alice', 'alice-secret', resource);
    return client;
  }

  /** Carol straight at her server. */
  async function straight(): Promise<RawClient> {
    const client = stack.use(await RawClient.connect(`127.0.0.1:${prosody.server.port}`));
    await client.login(domain, 'carol', 'carol-secret', 'c');
    client.write('<presence/>');
    await client.expect('<presence');
    return client;
  }

  it('is resumed, and neither side of a conversation loses or gets anything twice', async () => {
    const [a, c] = [await alice(), await straight()];
    a.write('<presence/>');
    await a.expect('<presence');
    for (let round = 0; round < 5; round++) {
      for (let i = 0; i < 5; i++) {
        a.write(message(carol, `up-${round}-${i}`));
        c.write(message(`${jid}/a`, `down-${round}-${i}`));
        if (i === 2) tap.cut();
      }
      await resumed(round + 1);
    }
    a.write(message(carol, 'up-last'));
    c.write(message(`${jid}/a`, 'down-last'));
    await Promise.all([a.expect('down-last</body>'), c.expect('up-last</body>')]);
    const all = Array.from({ length: 25 }, (_, index) => `${Math.floor(index / 5)}-${index % 5}`);
    assert.deepEqual(
      ids(a),
      [...all, 'last'].map((id) => `down-${id}`),
    );
    assert.deepEqual(
      ids(c),
      [...all, 'last'].map((id) => `up-${id}`),
    );
    assert(!a.received.includes("urn:xmpp:sm:3' "), 'a client that does not know SM sees none of it');
  });

  it('is resumed when it has only fallen silent', async () => {
    const [a, c] = [await alice(), await straight()];
    a.write('<presence/>');
    await a.expect('<presence');
    const silent = tap.connections;
    tap.transform((chunk, _, connection) => (connection < silent ? new Uint8Array(0) : chunk));
    a.write(message(carol, 'into-the-void'));
    c.write(message(`${jid}/a`, 'from-the-void'));
    await Promise.all([c.expect('into-the-void</body>'), a.expect('from-the-void</body>')]);
    assert.deepEqual(proxy.running.status().counters['resumed'], 1);
  });

  it('is resumed again and again, in the midst of a burst each time', async () => {
    const [a, c] = [await alice(), await straight()];
    a.write('<presence/>');
    await a.expect('<presence');
    const [rounds, burst] = [12, 25];
    for (let round = 0; round < rounds; round++) {
      cutBehindStanza(tap);
      for (let i = 0; i < burst; i++) {
        a.write(message(carol, `up-${round}-${i}`));
        c.write(message(`${jid}/a`, `down-${round}-${i}`));
        if (i % 5 === 0) await new Promise(setImmediate);
      }
      const last = `${round}-${burst - 1}</body>`;
      await Promise.all([a.expect(`down-${last}`), c.expect(`up-${last}`), resumed(round + 1)]);
    }
    const all = Array.from({ length: rounds * burst }, (_, i) => `${Math.floor(i / burst)}-${i % burst}`);
    assert.deepEqual(
      ids(a),
      all.map((id) => `down-${id}`),
    );
    assert.deepEqual(
      ids(c),
      all.map((id) => `up-${id}`),
    );
  });

  it('that the server forgot leaves a client without SM an error for each stanza, and for the stream', async () => {
    const a = await alice();
    a.write('<presence/>');
    await a.expect('<presence');
    await prosody.server.kill();
    a.write(
      message('bob@example.test', 'lost') +
        message('bob@example.test', 'an-error', ` type='error'`).replace(` type='chat'`, ''),
    );
    await prosody.server.start();
    const rest = await a.closed();
    const [error, ...others] = rest.match(/<message .*?<\/message>/g) ?? [];
    assert.deepEqual(others, []);
    assert.match(error ?? '', /id='lost'.*<error type='wait' by='simpp\.invalid'><recipient-unavailable /);
    assert.match(rest, /<remote-connection-failed .*<text [^>]*>[^<]+<\/text><\/stream:error><\/stream:stream>$/);
    assert.equal(proxy.running.status().counters['resumptionsFailed'], 1);
  });

  it('that the server forgot leaves a client with SM to find that out itself', async () => {
    const a = await alice();
    a.write(`<enable ${sm} resume='true'/>`);
    const id = /id='([^']+)'/.exec(await a.expect(/<enabled [^>]*>/))![1]!;
    a.write('<presence/>');
    await a.expect('<presence');
    await prosody.server.kill();
    await prosody.server.start();
    const rest = await a.closed();
    assert.doesNotMatch(rest, /error|<\/stream/);
    const again = stack.use(await RawClient.connect(proxy.address));
    await again.open(domain);
    again.write(plainAuth('alice', 'alice-secret'));
    await again.expect(/<success[^>]*>/);
    await again.open(domain);
    again.write(`<resume ${sm} previd='${id}' h='0'/>`);
    assert.match(await again.expect('</failed>'), /<item-not-found/);
    again.write(bind('a'));
    await again.expect('<jid>');
  });

  it('whose password the server no longer takes is given up at once', async () => {
    const a = await alice();
    a.write('<presence/>');
    await a.expect('<presence');
    await using other = await RawClient.connect(`127.0.0.1:${prosody.server.port}`);
    await other.login(domain, 'alice', 'alice-secret', 'other');
    const change = (password: string): string =>
      `<iq type='set' id='${password}'><query xmlns='jabber:iq:register'><username>alice</username><password>${password}</password></query></iq>`;
    // Prosody ends the sessions of an account whose password changes, but this one is out of its reach.
    tap.stall();
    tap.cut();
    other.write(change('changed'));
    await other.expect(/id='changed'[^>]*>/);
    tap.resume();
    assert.match(await a.closed(), /<remote-connection-failed .*<\/stream:stream>$/);
    other.write(change('alice-secret'));
    await other.expect(/id='alice-secret'[^>]*>/);
  });

  it('does not keep a client from leaving, nor the proxy from stopping', async () => {
    const [a, b] = [await alice(), await alice('b')];
    for (const client of [a, b]) {
      client.write('<presence/>');
      await client.expect('<presence');
    }
    await prosody.server.kill();
    a.write('</stream:stream>');
    a.socket.end();
    const stopped = proxy.running.stop();
    assert.match(await b.closed(), /<\/stream:stream>$/);
    b.socket.destroy();
    await stopped;
    await prosody.server.start();
  });

  it('is resumed with the counts of a client that manages its stream', async () => {
    const [a, c] = [await alice(), await straight()];
    a.write(`<enable ${sm} resume='true'/>`);
    await a.expect(/<enabled [^>]*>/);
    a.write('<presence/>');
    await a.expect('<presence');
    a.write(message(carol, 'before') + `<r ${sm}/>`);
    await a.expect(/<a [^>]*h='2'[^>]*>/);
    tap.cut();
    a.write(message(carol, 'after') + `<r ${sm}/>`);
    await a.expect(/<a [^>]*h='3'[^>]*>/);
    await c.expect('after</body>');
    assert.deepEqual(ids(c), ['before', 'after']);
  });

  it('is resumed by a client that manages its stream and has vanished, whether before or after', async () => {
    const [a, c] = [await alice(), await straight()];
    a.write(`<presence/>`);
    await a.expect('<presence');
    // Behind an upstream that is managed already.
    a.write(`<enable ${sm} resume='true'/>`);
    const id = /id='(simpp-[^']+)'/.exec(await a.expect(/<enabled [^>]*>/))![1]!;
    a.write(message(carol, 'heard'));
    c.write(message(`${jid}/a`, 'unconfirmed'));
    await Promise.all([c.expect('heard</body>'), a.expect('unconfirmed</body>')]);
    tap.cut();
    await resumed(1);
    a.socket.resetAndDestroy();
    c.write(message(`${jid}/a`, 'queued'));
    const again = stack.use(await RawClient.connect(proxy.address));
    await again.open(domain);
    again.write(plainAuth('alice', 'alice-secret'));
    await again.expect(/<success[^>]*>/);
    await again.open(domain);
    again.write(`<resume ${sm} previd='${id}' h='0'/>`);
    assert.match(await again.expect(/<resumed [^>]*>/), new RegExp(`previd='${id}'`));
    await again.expect('queued</body>');
    again.write(message(carol, 'on') + `<r ${sm}/>`);
    await again.expect(/<a [^>]*h='2'[^>]*>/);
    assert.deepEqual(ids(again), ['unconfirmed', 'queued']);
    await c.expect('on</body>');
    assert.deepEqual(ids(c), ['heard', 'on']);
  });
});
