import assert from 'node:assert/strict';
import fc from 'fast-check';
import { gatewayInvite } from '../../proxy/gateway/invite.ts';
import { formatInvite, gatewayKeysOf, parseInvite, type Invite, type InvitedKey } from '../../proxy/invite.ts';
import { keyFingerprint, checkInvitedKey } from '../../proxy/pinned-key.ts';
import { detectNodeCrypto } from '../../proxy/crypto/provider.ts';
import { concat, toBase64Url } from '../../shared/bytes.ts';
import { SimppError } from '../../shared/errors.ts';

const point = (length: number, fill: number): Uint8Array =>
  concat(Uint8Array.of(4), new Uint8Array(length - 1).fill(fill));
const key: InvitedKey = { profile: 'simpp-2', bytes: concat(point(65, 1), point(65, 2)) };
const classicKey: InvitedKey = { profile: 'classic', bytes: point(57, 3) };
const keyText = toBase64Url(key.bytes);

describe('an invite', () => {
  it('says where the gateway is, for which domains, and its key', () => {
    assert.deepEqual(parseInvite(`simpp://gw.example.org:5333/example.org,example.net?key=${keyText}`), {
      gateway: { host: 'gw.example.org', port: 5333 },
      domains: ['example.org', 'example.net'],
      key,
    });
  });

  it('has port 5222 when none is written, and survives spaces around it', () => {
    assert.deepEqual(parseInvite(` simpp://[::1]/Example.org?key=${keyText}\n`).gateway, { host: '::1', port: 5222 });
  });

  it('of the profile classic has one P-224 point and says so', () => {
    const text = `simpp://127.0.0.1:1/example.org?key=${toBase64Url(classicKey.bytes)}&profile=classic`;
    const invite = parseInvite(text);
    assert.deepEqual(invite.key, classicKey);
    assert.equal(formatInvite(invite), text);
    assert.deepEqual(gatewayKeysOf(invite.key), { agreement: classicKey.bytes, signing: classicKey.bytes });
  });

  it('is written as it is read', () => {
    const plain = { noNullPrototype: true } as const;
    const invite = fc.record(
      {
        gateway: fc.record({ host: fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6()), port: fc.nat(65535) }, plain),
        domains: fc.uniqueArray(fc.domain(), { minLength: 1, maxLength: 3 }),
        key: fc.constantFrom(key, classicKey),
      },
      plain,
    );
    fc.assert(fc.property(invite, (written: Invite) => assert.deepEqual(parseInvite(formatInvite(written)), written)));
  });

  const bad: Readonly<Record<string, [text: string, why: RegExp]>> = {
    'without its scheme': [`gw.example.org/example.org?key=${keyText}`, /does not begin with simpp:/],
    'of another scheme': [`xmpp://a/b?key=${keyText}`, /does not begin with simpp:/],
    'without a path': [`simpp://a?key=${keyText}`, /form simpp:/],
    'with a fragment': [`simpp://a/b.example?key=${keyText}#x`, /form simpp:/],
    'with a user name': [`simpp://u@a/b.example?key=${keyText}`, /not HOST:PORT/],
    'with a bad port': [`simpp://a:99999/b.example?key=${keyText}`, /not HOST:PORT/],
    'without a domain': [`simpp://a/?key=${keyText}`, /names no domain/],
    'with a JID for a domain': [`simpp://a/x%40b.example?key=${keyText}`, /is not a domain/],
    'with bad percent-encoding': [`simpp://a/%ff?key=${keyText}`, /percent-encoded/],
    'with too many domains': [`simpp://a/${Array(17).fill('b.example').join(',')}?key=${keyText}`, /too many/],
    'without a key': ['simpp://a/b.example?profile=simpp-2', /key is missing/],
    'with a key that lost its end': [`simpp://a/b.example?key=${keyText.slice(0, -1)}`, /damaged/],
    'with a key of another length': [`simpp://a/b.example?key=${toBase64Url(point(65, 1))}`, /damaged/],
    'with a compressed key': [`simpp://a/b.example?key=${toBase64Url(new Uint8Array(130).fill(2))}`, /damaged/],
    'with a classic key that does not say so': [`simpp://a/b.example?key=${toBase64Url(classicKey.bytes)}`, /damaged/],
    'with an unknown profile': [`simpp://a/b.example?key=${keyText}&profile=simpp-3`, /unknown/],
    'with a key twice': [`simpp://a/b.example?key=${keyText}&key=${keyText}`, /twice/],
    'with a part that is not understood': [`simpp://a/b.example?key=${keyText}&expires=1`, /unknown part "expires"/],
    'longer than 2 KiB': [`simpp://a/b.example?key=${'A'.repeat(2048)}`, /too long/],
  };
  for (const [name, [text, why]] of Object.entries(bad)) {
    it(`${name} is refused, and says why`, () => {
      assert.throws(
        () => parseInvite(text),
        (error) => error instanceof SimppError && error.code === 'invite-invalid' && why.test(error.message),
      );
    });
  }

  it('never makes anything but SimppError of arbitrary text', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.webUrl(),
          fc.string().map((text) => `simpp://${text}`),
        ),
        (text) => {
          try {
            parseInvite(text);
          } catch (error) {
            assert.ok(error instanceof SimppError && error.code === 'invite-invalid');
          }
        },
      ),
    );
  });
});

describe("a gateway's invite", () => {
  const invite = (chosen: string, listen: string, real = 6222): unknown => {
    const source = {
      domains: ['example.org'],
      ...(chosen === '' ? {} : { public: { host: chosen, port: 443 } }),
      listen: { host: listen, port: real },
    };
    return parseInvite(gatewayInvite(source, key)).gateway;
  };

  it('carries the listen address, or the domain for a wildcard, or what the administrator chose', () => {
    assert.deepEqual(invite('', '192.0.2.1'), { host: '192.0.2.1', port: 6222 });
    assert.deepEqual(invite('', '0.0.0.0'), { host: 'example.org', port: 6222 });
    assert.deepEqual(invite('', '::'), { host: 'example.org', port: 6222 });
    assert.deepEqual(invite('gw.example.org', '0.0.0.0'), { host: 'gw.example.org', port: 443 });
  });
});

describe('a pinned key', () => {
  const crypto = detectNodeCrypto();
  const real: InvitedKey = {
    profile: 'simpp-2',
    bytes: concat(crypto.p256.generate().publicKey.bytes, crypto.p256.generate().publicKey.bytes),
  };

  it('is shown as 60 digits in groups of five', () => {
    assert.match(keyFingerprint(crypto, real), /^(\d{5} ){11}\d{5}$/);
    assert.notEqual(keyFingerprint(crypto, real), keyFingerprint(crypto, key));
  });

  it('has both points on the curve', () => {
    checkInvitedKey(crypto, real);
    assert.throws(() => checkInvitedKey(crypto, key), isInvalidInvite);
    const half = { profile: 'simpp-2', bytes: concat(real.bytes.subarray(0, 65), point(65, 1)) } as const;
    assert.throws(() => checkInvitedKey(crypto, half), isInvalidInvite);
  });
});

function isInvalidInvite(error: unknown): boolean {
  return error instanceof SimppError && error.code === 'invite-invalid';
}
