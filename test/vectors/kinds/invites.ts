// Invites (docs/protocol.md §3): the text, and what it says.
import assert from 'node:assert/strict';
import { detectNodeCrypto } from '../../../proxy/crypto/provider.ts';
import { formatInvite, parseInvite, type Invite } from '../../../proxy/invite.ts';
import { checkInvitedKey } from '../../../proxy/pinned-key.ts';
import { toBase64Url } from '../../../shared/bytes.ts';
import { nobleCrypto as crypto } from '../../../shared/crypto/noble.ts';
import { fixedBytes, hex, refusal, textOf, type Values, type VectorKind } from '../vector.ts';

const pointOf = (name: string): Uint8Array => crypto.p256.privateKey(fixedBytes(`invite ${name}`, 32)).publicKey.bytes;
const pair = Uint8Array.of(...pointOf('agreement'), ...pointOf('signing'));
const classicPoint = crypto.p224.privateKey(fixedBytes('invite classic', 28)).publicKey.bytes;
const key = toBase64Url(pair);
const classicKey = toBase64Url(classicPoint);

const named = (texts: Readonly<Record<string, string>>): { name: string; inputs: Values }[] =>
  Object.entries(texts).map(([name, text]) => ({ name, inputs: { text } }));

/** The invite, whose points are valid. */
function readInvite(text: string): Invite {
  const invite = parseInvite(text);
  checkInvitedKey(detectNodeCrypto(), invite.key);
  return invite;
}

export const invites: VectorKind = {
  file: 'invites',
  about: 'Invites and what they say; `canonical` is the one text that a gateway writes for it.',
  section: '3',
  inputs: named({
    'one domain': `simpp://gw.example.test:5333/example.test?key=${key}`,
    'two domains': `simpp://127.0.0.1:5222/example.test,example.net?key=${key}`,
    'a domain with U-labels': `simpp://gw.example.test:5222/b%C3%BCcher.example?key=${key}`,
    'an IPv6 address': `simpp://[2001:db8::1]:5222/example.test?key=${key}`,
    'the profile classic': `simpp://gw.example.test:5222/example.test?key=${classicKey}&profile=classic`,
    'without a port': `simpp://gw.example.test/example.test?key=${key}`,
    'with white space around it': ` simpp://gw.example.test:5222/example.test?key=${key}\n`,
    'not prepared, and a domain twice': `SIMPP://GW.Example.test:5222/Example.Test,xn--bcher-kva.example,example.test?profile=simpp-2&key=${key}`,
  }),
  derive(inputs) {
    const invite = readInvite(textOf(inputs, 'text'));
    const canonical = formatInvite(invite);
    assert.deepEqual(parseInvite(canonical), invite, 'an invite is not read as it was written');
    return {
      host: invite.gateway.host,
      port: invite.gateway.port,
      domains: invite.domains,
      profile: invite.key.profile,
      key: hex(invite.key.bytes),
      canonical,
    };
  },
};

const start = 'simpp://gw.example.test:5222';
const damagedAt = (place: number): Uint8Array => pair.with(place, pair[place]! ^ 1);
const compressed = Uint8Array.of(2, ...pair.subarray(1, 33));

export const badInvites: VectorKind = {
  file: 'bad-invites',
  about: 'Texts that are no invites.',
  section: '3',
  inputs: named({
    'a key with padding': `${start}/example.test?key=${key}=`,
    'another scheme': `xmpp://gw.example.test:5222/example.test?key=${key}`,
    'no scheme': `gw.example.test:5222/example.test?key=${key}`,
    'no host': `simpp://:5222/example.test?key=${key}`,
    'a user name before the host': `simpp://alice@gw.example.test:5222/example.test?key=${key}`,
    'a host with a space': `simpp://gw example:5222/example.test?key=${key}`,
    'an IPv6 address without brackets': `simpp://2001:db8::1/example.test?key=${key}`,
    'a port beyond 65535': `simpp://gw.example.test:65536/example.test?key=${key}`,
    'a port that is no number': `simpp://gw.example.test:xmpp/example.test?key=${key}`,
    'no path': `${start}?key=${key}`,
    'no domain': `${start}/?key=${key}`,
    'an empty domain after another': `${start}/example.test,?key=${key}`,
    'a bare JID for a domain': `${start}/alice%40example.test?key=${key}`,
    'a second level of path': `${start}/example.test/x?key=${key}`,
    'a domain that is not UTF-8': `${start}/%ff.example?key=${key}`,
    'seventeen domains': `${start}/${Array.from({ length: 17 }, (_, at) => `d${at}.example`).join(',')}?key=${key}`,
    'no key': `${start}/example.test?profile=simpp-2`,
    'nothing after the domain': `${start}/example.test`,
    'an empty key': `${start}/example.test?key=`,
    'a key twice': `${start}/example.test?key=${key}&key=${key}`,
    'a key without its last character': `${start}/example.test?key=${key.slice(0, -1)}`,
    'a key in the alphabet of base64': `${start}/example.test?key=${key.slice(0, -1)}+`,
    'a key that is not canonical': `${start}/example.test?key=${key.slice(0, -1)}${nextLetter(key.at(-1)!)}`,
    'one half of a key': `${start}/example.test?key=${toBase64Url(pair.subarray(0, 65))}`,
    'a compressed key': `${start}/example.test?key=${toBase64Url(compressed)}`,
    'a first half that is not on the curve': `${start}/example.test?key=${toBase64Url(damagedAt(64))}`,
    'a second half that is not on the curve': `${start}/example.test?key=${toBase64Url(damagedAt(129))}`,
    'a classic key that does not say so': `${start}/example.test?key=${classicKey}`,
    'a key of simpp-2 for classic': `${start}/example.test?key=${key}&profile=classic`,
    'a classic key that is not on the curve': `${start}/example.test?key=${toBase64Url(classicPoint.with(56, classicPoint[56]! ^ 1))}&profile=classic`,
    'an unknown profile': `${start}/example.test?key=${key}&profile=simpp-3`,
    'an unknown part': `${start}/example.test?key=${key}&expires=1`,
    'a fragment': `${start}/example.test?key=${key}#`,
  }),
  derive: (inputs) => refusal(inputs, () => readInvite(textOf(inputs, 'text'))),
};

/** The letter after this one in the alphabet of base64url: after a last letter whose spare bits are zero, they are not. */
function nextLetter(letter: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return alphabet[alphabet.indexOf(letter) + 1]!;
}
