// openChannel against the gateway's own state machines: what must succeed, and
// everything that somebody on the way can do to the outer stream.

import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { toBase64, utf8 } from '../../../shared/bytes.ts';
import type { ErrorCode } from '../../../shared/errors.ts';
import { SimppError } from '../../../shared/errors.ts';
import type { Hello } from '../../../shared/simpp/client.ts';
import { gatewayFingerprint } from '../../../shared/simpp/fingerprint.ts';
import { classic, simpp2 } from '../../../shared/simpp/profile.ts';
import { openChannel, type OpenedChannel } from '../../../proxy/server/simpp.ts';
import { helloFor } from '../../../proxy/identity/hello.ts';
import { newIdentity } from '../../../proxy/identity/account-identity.ts';
import { quickScrypt } from '../identity/quick-scrypt.ts';
import {
  crypto,
  domain,
  entropy,
  ScriptedGateway,
  type GatewayScript,
  type Say,
  type Stage,
} from './scripted-gateway.ts';

const now = (): number => Math.floor(Date.now() / 1000);
const guest: Hello = { kind: 'guest', agreement: crypto.p256.generate() };
const jid = `alice@${domain}`;

function open(
  gateway: ScriptedGateway,
  hello: Hello = guest,
  more: { readonly pinned?: ScriptedGateway['keys']; readonly timeoutMs?: number } = {},
): Promise<OpenedChannel> {
  const pinned = more.pinned ?? gateway.keys;
  const kuS = crypto.p256.publicKey(pinned.agreement);
  return openChannel({
    host: '127.0.0.1',
    port: gateway.port,
    domain,
    profile: simpp2,
    crypto,
    pinned,
    startClient: (offer) =>
      simpp2.startClient({ crypto, entropy, kuS, domain, offer, binding: new Uint8Array(0), hello }),
    timeoutMs: more.timeoutMs ?? 5000,
  });
}

/** One line both ways through an open channel. */
async function talk(gateway: ScriptedGateway, opened: OpenedChannel): Promise<void> {
  const { channel } = await gateway.accepted();
  opened.socket.write('from the client');
  const [heard] = await once(channel, 'data');
  assert.equal(String(heard), 'from the client');
  channel.write('from the gateway');
  const [answer] = await once(opened.socket, 'data');
  assert.equal(String(answer), 'from the gateway');
  opened.socket.destroy();
}

async function refused(script: GatewayScript, code: ErrorCode, text?: RegExp, timeoutMs?: number): Promise<void> {
  await using gateway = await ScriptedGateway.start(script);
  await assert.rejects(open(gateway, guest, timeoutMs === undefined ? {} : { timeoutMs }), (error) => {
    assert.ok(error instanceof SimppError);
    assert.equal(error.code, code, error.message);
    if (text !== undefined) assert.match(error.message, text);
    return true;
  });
}

const at =
  (stage: Stage, change: (text: string) => ReturnType<Say>): Say =>
  (text, when) =>
    when === stage ? change(text) : text;

describe('openChannel', () => {
  it('opens a guest channel, with nothing but the domain in clear', async () => {
    await using gateway = await ScriptedGateway.start();
    const opened = await open(gateway);
    await talk(gateway, opened);
    const [heard = ''] = gateway.heard;
    assert.match(heard, /to='example\.test'/);
    assert.doesNotMatch(heard, /from=|alice/);
  });

  it('names the suite on the first handshake element only', async () => {
    await using gateway = await ScriptedGateway.start();
    (await open(gateway)).socket.destroy();
    const elements = gateway.heard[0]?.match(/<handshake[^>]*>/g) ?? [];
    assert.equal(elements.length, 2);
    assert.ok(elements[0]?.includes(`suite='${simpp2.suite}'`));
    assert.ok(!elements[1]?.includes('suite'));
  });

  it('registers, then logs in with the same device', async () => {
    await using gateway = await ScriptedGateway.start();
    const { identity } = await newIdentity(jid, { crypto, entropy, now, scrypt: quickScrypt });
    const registering = await open(gateway, helloFor(identity));
    const { claim } = await gateway.accepted();
    assert.equal(claim.kind, 'registration');
    registering.socket.destroy();
    const key = Buffer.from(identity.agreement.publicKey.bytes).toString('hex');
    gateway.devices.set(key, { jid, deviceId: identity.deviceId });
    const opened = await open(gateway, helloFor({ ...identity, state: 'registered' }));
    const login = await gateway.accepted();
    assert.equal(login.claim.kind, 'login');
    assert.deepEqual(opened.session.kAS.length, 32);
    assert.doesNotMatch(gateway.heard.join(''), /alice/);
    opened.socket.destroy();
  });

  it('registers and logs in with the classic profile', async () => {
    await using gateway = await ScriptedGateway.start({ profile: 'classic' });
    const krA = crypto.p224.generate();
    const kuS = crypto.p224.publicKey(gateway.keys.agreement);
    for (const register of [true, false]) {
      const startClient = () => classic.startClient({ crypto, entropy, kuS, krA, idA: jid, register });
      const common = { host: '127.0.0.1', port: gateway.port, domain, profile: classic, crypto };
      await talk(gateway, await openChannel({ ...common, pinned: gateway.keys, startClient }));
    }
  });

  it('refuses an unknown login as the gateway does: without a reason', async () => {
    await using gateway = await ScriptedGateway.start();
    const { identity } = await newIdentity(jid, { crypto, entropy, now, scrypt: quickScrypt });
    await assert.rejects(open(gateway, helloFor({ ...identity, state: 'registered' })), {
      code: 'gateway-refused',
      message: /refused this device/,
    });
  });

  it('says which key was expected and which is there when the gateway has another one', async () => {
    await using gateway = await ScriptedGateway.start();
    await using other = await ScriptedGateway.start();
    await assert.rejects(open(gateway, guest, { pinned: other.keys }), {
      code: 'handshake-failed',
      message: /\d{5} \d{5} \d{5} \d{5} ….*\d{5} \d{5} .*new invite.*stands between/s,
    });
    assert.doesNotMatch(gateway.heard.join(''), /handshake/);
  });

  it('fails against a gateway that advertises the pinned fingerprint but has another key', async () => {
    await using gateway = await ScriptedGateway.start();
    const pinned = { ...gateway.keys, agreement: crypto.p256.generate().publicKey.bytes };
    await using liar = await ScriptedGateway.start({
      say: at('opening', (text) =>
        text.replace(/<fingerprint>[^<]*/, `<fingerprint>${toBase64(gatewayFingerprint(crypto, pinned))}`),
      ),
    });
    // The liar cannot open M1; whatever it answers, no channel comes of it.
    await assert.rejects(open(liar, guest, { pinned, timeoutMs: 1000 }), SimppError);
  });

  it('never goes on without SIMPP', () =>
    refused({ say: at('opening', (text) => text.replace(/<simpp.*<\/simpp>/, '')) }, 'simpp-missing', /not tried/));

  it('never takes another suite', () =>
    refused(
      { say: at('opening', (text) => text.replace(simpp2.suite, 'P256_AES128GCM_SHA256')) },
      'suite-missing',
      /Nothing weaker/,
    ));

  it('never takes the classic profile instead', () =>
    refused(
      { say: at('opening', (text) => text.replace(simpp2.namespace, classic.namespace)) },
      'simpp-missing',
      /another profile/,
    ));

  it('notices an offer that was changed on the way, by the transcript', () =>
    refused(
      { say: at('opening', (text) => text.replace('</suite>', '</suite><suite>OTHER</suite>')) },
      'server-unreachable',
    ));

  it('shows the text of a stream error', () =>
    refused(
      {
        say: at('opening', (text) =>
          text.replace(
            /<stream:features>.*/,
            `<stream:error><policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>` +
              `<text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>too many attempts</text></stream:error></stream:stream>`,
          ),
        ),
      },
      'server-unreachable',
      /too many attempts/,
    ));

  describe('bytes injected before the switch', () => {
    for (const injected of [
      '<message/>',
      ' ',
      '<',
      '\u0001',
      `<proceed xmlns='${simpp2.namespace}'/>`,
      '\u0002\u0000\u0010',
    ]) {
      it(`${JSON.stringify(injected)} after <proceed/> closes`, () =>
        refused({ say: at('proceed', (text) => text + injected) }, 'injected-bytes'));
    }

    it('an element before <proceed/> closes', () =>
      refused({ say: at('proceed', (text) => `<message xmlns='jabber:client'/>${text}`) }, 'unexpected-element'));

    it('an element before the handshake closes', () =>
      refused({ say: at('handshake', (text) => `<iq type='set'/>${text}`) }, 'unexpected-element'));

    it('a second reply instead of <proceed/> closes', () =>
      refused({ say: at('handshake', (text) => text + text) }, 'unexpected-element', /instead of <proceed\/>/));

    it('a <proceed/> before the handshake is done closes', () =>
      refused({ say: at('handshake', () => `<proceed xmlns='${simpp2.namespace}'/>`) }, 'unexpected-element'));

    it('text between elements closes', () =>
      refused({ say: at('handshake', (text) => `x${text}`) }, 'not-well-formed'));

    it('more than 64 KiB closes', () =>
      refused({ say: at('handshake', (text) => ' '.repeat(70_000) + text) }, 'too-large'));

    it('a record that follows in another packet is forged', async () => {
      await using gateway = await ScriptedGateway.start({
        say: (text, stage, socket) => {
          if (stage === 'proceed')
            setImmediate(() => setImmediate(() => socket.write(Buffer.from([1, 0, 16, ...Array(16).fill(0)]))));
          return text;
        },
      });
      await assert.rejects(
        open(gateway).then(async ({ socket }) => {
          socket.resume();
          await once(socket, 'end');
        }),
        (error) => error instanceof SimppError && ['record-forged', 'injected-bytes'].includes(error.code),
      );
    });
  });

  it('fails for each flipped bit of the reply', async () => {
    for (let round = 0; round < 24; round++) {
      let flipped = '';
      const say = at('handshake', (text) => {
        const [, head = '', base64 = '', tail = ''] = /^(<[^>]*>)([^<]*)(.*)$/s.exec(text) ?? [];
        const bytes = Uint8Array.from(Buffer.from(base64, 'base64'));
        const bit = randomInt(bytes.length * 8);
        bytes[bit >> 3]! ^= 1 << (bit & 7);
        flipped = `bit ${bit} of ${bytes.length * 8}`;
        return head + toBase64(bytes) + tail;
      });
      await using gateway = await ScriptedGateway.start({ say });
      await assert.rejects(open(gateway), (error) => {
        assert.ok(error instanceof SimppError, flipped);
        const codes = ['handshake-failed', 'malformed-message', 'invalid-point'];
        assert.ok(codes.includes(error.code), `${flipped}: ${error.code}`);
        assert.match(error.message, /Nothing weaker is tried/);
        return true;
      });
    }
  });

  it('fails when the reply is cut short, or is no base64', async () => {
    await refused(
      { say: at('handshake', (text) => text.replace(/.{8}<\/handshake>/, '</handshake>')) },
      'malformed-message',
    );
    await refused({ say: at('handshake', (text) => text.replace(/>.{4}/, '>%%%%')) }, 'malformed-message');
  });

  it('fails when the connection ends in the middle', () =>
    refused(
      {
        say: (text, stage, socket) => {
          if (stage === 'opening') return text;
          socket.end(text.slice(0, text.length / 2));
          return undefined;
        },
      },
      'server-unreachable',
    ));

  for (const stage of ['opening', 'handshake', 'proceed'] as const) {
    it(`gives up on a gateway that falls silent before its ${stage}`, () =>
      refused(
        { say: at(stage, () => undefined) },
        'server-unreachable',
        /127\.0\.0\.1:\d+ did not answer in time/,
        150,
      ));
  }

  it('reads a reply that comes byte by byte', async () => {
    await using gateway = await ScriptedGateway.start({
      say: (text, _stage, socket) => {
        for (const byte of utf8(text)) socket.write(Uint8Array.of(byte));
        return undefined;
      },
    });
    await talk(gateway, await open(gateway));
  });

  it('names the address when nothing listens there', async () => {
    const probe = createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address() as AddressInfo; // as: a TCP server's address
    probe.close();
    await once(probe, 'close');
    await assert.rejects(
      openChannel({
        host: '127.0.0.1',
        port,
        domain,
        profile: simpp2,
        crypto,
        pinned: { agreement: new Uint8Array(65), signing: new Uint8Array(65) },
        startClient: () => assert.fail('there is nobody to shake hands with'),
      }),
      { code: 'server-unreachable', message: new RegExp(`127\\.0\\.0\\.1:${port}`) },
    );
  });

  it('is given up when the caller gives up', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    const abort = new AbortController();
    const { port } = server.address() as AddressInfo; // as: a TCP server's address
    const opening = openChannel({
      host: '127.0.0.1',
      port,
      domain,
      profile: simpp2,
      crypto,
      pinned: { agreement: new Uint8Array(65), signing: new Uint8Array(65) },
      startClient: () => assert.fail('nothing was offered'),
      signal: abort.signal,
    });
    const rejected = assert.rejects(opening, { code: 'rate-limited' });
    const [socket] = await accepted;
    abort.abort(new SimppError('rate-limited'));
    await rejected;
    socket.destroy();
    server.close();
  });
});
