// connectXmpp against real TLS servers: the certificate is for the XMPP domain,
// nothing weaker is tried, and nothing follows <proceed/> in clear.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, TLSSocket, type TlsOptions } from 'node:tls';
import { SimppError, type ErrorCode } from '../../../shared/errors.ts';
import { connectXmpp, type ConnectOptions } from '../../../proxy/server/connect.ts';
import { unreachable } from '../../../proxy/server/unreachable.ts';
import { TestAuthority, type Certificate } from '../../e2e/support/certs.ts';

const domain = 'example.test';
const header =
  `<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' ` +
  `from='${domain}' id='s1' version='1.0'>`;
const starttls = `<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>`;
const proceed = `<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>`;
const features = (offer: string): string => `${header}<stream:features>${offer}</stream:features>`;

interface Listening extends AsyncDisposable {
  readonly port: number;
}

async function listen(server: Server): Promise<Listening> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port, // as: a TCP server's address
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

async function files({ certFile, keyFile }: Certificate): Promise<TlsOptions> {
  return { cert: await readFile(certFile), key: await readFile(keyFile) };
}

/** A server that does TLS from the first byte and greets its clients by their ALPN. */
async function direct(options: TlsOptions): Promise<Listening> {
  const server = createTlsServer({ ALPNProtocols: ['xmpp-client'], ...options }, (socket) => {
    socket.on('error', () => {});
    socket.write(`${String(socket.alpnProtocol)} ${String(socket.servername)}`);
  });
  server.on('tlsClientError', () => {});
  return listen(server);
}

/** A server that answers the header, then STARTTLS, with these texts, then does TLS. */
function upgrading(options: TlsOptions, opening: string, answer: string, heard: string[] = []): Promise<Listening> {
  return listen(
    createTcpServer((socket) => {
      socket.once('data', (first: Buffer) => {
        heard.push(String(first));
        socket.write(opening);
        socket.once('data', (second: Buffer) => {
          heard.push(String(second));
          socket.write(answer);
          const secured = new TLSSocket(socket, { isServer: true, ...options });
          secured.on('error', () => {});
          secured.write('inside');
        });
      });
    }),
  );
}

describe('connectXmpp', () => {
  let authority: TestAuthority;
  let right: TlsOptions;
  before(async () => {
    authority = await TestAuthority.create();
    right = await files(await authority.issue([domain]));
  });
  after(() => authority[Symbol.asyncDispose]());

  const options = (port: number, more: Partial<ConnectOptions> = {}): ConnectOptions => ({
    host: '127.0.0.1',
    port,
    tls: 'direct',
    domain,
    caFile: authority.caFile,
    timeoutMs: 5000,
    ...more,
  });

  async function fails(connecting: Promise<Socket>, code: ErrorCode, text: RegExp): Promise<void> {
    await assert.rejects(connecting, (error) => {
      assert.ok(error instanceof SimppError);
      assert.equal(error.code, code, error.message);
      assert.match(error.message, text);
      return true;
    });
  }

  describe('with TLS from the first byte', () => {
    it('checks the certificate for the domain, and says ALPN and SNI (XEP-0368)', async () => {
      await using server = await direct(right);
      const socket = await connectXmpp(options(server.port));
      assert.ok(socket instanceof TLSSocket && socket.authorized);
      const [said] = await once(socket, 'data');
      assert.equal(String(said), `xmpp-client ${domain}`);
      socket.destroy();
    });

    it('takes a domain in its written form to its certificate form', async () => {
      await using server = await direct(await files(await authority.issue(['xn--bcher-kva.test'])));
      (await connectXmpp(options(server.port, { domain: 'bücher.test' }))).destroy();
    });

    it('refuses a certificate for the host instead of the domain, and says for whom it is', async () => {
      await using server = await direct(await files(await authority.issue(['localhost', 'other.test'])));
      const connecting = connectXmpp(options(server.port, { host: 'localhost' }));
      await fails(connecting, 'certificate-invalid', /not valid for example\.test: it is for localhost, other\.test/);
    });

    it('refuses a certificate out of its time, says the dates, and that the clock may be wrong', async () => {
      for (const [when, text] of [
        [{ expired: true }, /127\.0\.0\.1:\d+.* has expired on 20.* UTC\. This machine's clock says 20.* UTC: if/],
        [{ notYetValid: true }, /127\.0\.0\.1:\d+.* is not valid before 20.* UTC\. This machine's clock says 20/],
      ] as const) {
        await using server = await direct(await files(await authority.issue([domain], when)));
        await fails(connectXmpp(options(server.port)), 'certificate-invalid', text);
      }
    });

    it('refuses a certificate that nobody has signed but itself', async () => {
      await using server = await direct(await files(await authority.selfSigned([domain])));
      await fails(connectXmpp(options(server.port)), 'certificate-invalid', /it is self-signed\. .*--server-ca/);
    });

    it('refuses an authority that it was not given, and says what to do', async () => {
      await using server = await direct(right);
      await using other = await TestAuthority.create();
      await fails(
        connectXmpp(options(server.port, { caFile: other.caFile })),
        'certificate-invalid',
        /not trusted here/,
      );
      await fails(connectXmpp(options(server.port, { caFile: undefined })), 'certificate-invalid', /--server-ca/);
    });

    it('refuses TLS 1.1', async () => {
      const old: TlsOptions = { ...right, minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' };
      await using server = await direct(old);
      await fails(connectXmpp(options(server.port)), 'tls-missing', /could not begin TLS/);
    });

    it('says so when the port speaks no TLS', async () => {
      await using server = await listen(createTcpServer((socket) => socket.once('data', () => socket.write(header))));
      await fails(connectXmpp(options(server.port)), 'tls-missing', /could not begin TLS/);
    });

    it('names a CA file that cannot be read', () =>
      fails(connectXmpp(options(1, { caFile: '/nowhere/ca.pem' })), 'config-invalid', /\/nowhere\/ca\.pem/));
  });

  describe('with STARTTLS', () => {
    const upgrade = (port: number, more: Partial<ConnectOptions> = {}) =>
      connectXmpp(options(port, { tls: 'starttls', ...more }));

    it('upgrades, having said nothing but the domain in clear', async () => {
      const heard: string[] = [];
      await using server = await upgrading(right, features(starttls), proceed, heard);
      const socket = await upgrade(server.port);
      const [said] = await once(socket, 'data');
      assert.equal(String(said), 'inside');
      assert.match(heard[0] ?? '', /to='example\.test'/);
      assert.doesNotMatch(heard[0] ?? '', / from=/);
      assert.equal(heard[1], starttls);
      socket.destroy();
    });

    it('never goes on without TLS', async () => {
      await using server = await upgrading(right, features(''), proceed);
      await fails(upgrade(server.port), 'tls-missing', /does not offer TLS/);
    });

    it('never goes on after <failure/>', async () => {
      const failure = `<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:stream>`;
      await using server = await upgrading(right, features(starttls), failure);
      await fails(upgrade(server.port), 'tls-missing', /refuses to begin/);
    });

    for (const injected of [' ', '<message/>', `<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>`, '\u0016']) {
      it(`${JSON.stringify(injected)} behind <proceed/> closes`, async () => {
        await using server = await upgrading(right, features(starttls), proceed + injected);
        await fails(upgrade(server.port), 'injected-bytes', /injected/);
      });
    }

    it('an element before <proceed/> closes', async () => {
      await using server = await upgrading(right, features(starttls), `<message/>${proceed}`);
      await fails(upgrade(server.port), 'unexpected-element', /instead|else/);
    });

    it('shows the text of a stream error', async () => {
      const error =
        `<stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>` +
        `<text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>no such domain</text></stream:error></stream:stream>`;
      await using server = await upgrading(right, header + error, '');
      await fails(upgrade(server.port), 'host-unknown', /no such domain/);
    });

    it('refuses a certificate for another name', async () => {
      await using server = await upgrading(
        await files(await authority.issue(['other.test'])),
        features(starttls),
        proceed,
      );
      await fails(upgrade(server.port), 'certificate-invalid', /it is for other\.test/);
    });

    for (const [stage, opening] of [
      ['header', ''],
      ['<proceed/>', features(starttls)],
    ] as const) {
      it(`gives up on a server that is silent before its ${stage}`, async () => {
        await using server = await listen(createTcpServer((socket) => void (opening !== '' && socket.write(opening))));
        await fails(upgrade(server.port, { timeoutMs: 150 }), 'server-unreachable', /127\.0\.0\.1:\d+ did not answer/);
      });
    }

    it('gives up on a server that is silent within the TLS handshake', async () => {
      await using server = await listen(createTcpServer());
      const connecting = connectXmpp(options(server.port, { timeoutMs: 150 }));
      await fails(connecting, 'server-unreachable', /127\.0\.0\.1:\d+ did not answer/);
    });
  });

  describe('without TLS', () => {
    it('connects on this machine and sends nothing', async () => {
      const heard: Buffer[] = [];
      await using server = await listen(
        createTcpServer((socket) => socket.on('data', (chunk) => heard.push(chunk)).write('hi')),
      );
      const socket = await connectXmpp(options(server.port, { tls: 'none', host: 'localhost' }));
      await once(socket, 'data');
      assert.equal(heard.length, 0);
      socket.destroy();
    });

    it('never leaves this machine', () =>
      fails(connectXmpp(options(5222, { tls: 'none', host: '192.0.2.1' })), 'tls-missing', /192\.0\.2\.1:5222/));
  });

  it('names host and port when the connection is refused', async () => {
    const { port } = await (async () => {
      await using probe = await listen(createTcpServer());
      return probe;
    })();
    await fails(
      connectXmpp(options(port)),
      'server-unreachable',
      new RegExp(`Nothing listens at 127\\.0\\.0\\.1:${port}`),
    );
  });

  it('names a host that does not exist', () => {
    const notFound = Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' });
    assert.match(unreachable({ host: 'no-such-host.invalid', port: 5222 }, notFound).message, /no-such-host\.invalid/);
  });
});
