// What a handshake of the vectors starts from: who A is, what both sides know
// beforehand, and every choice that would be random.
import { utf8 } from '../../../shared/bytes.ts';
import { nobleCrypto as crypto } from '../../../shared/crypto/noble.ts';
import type { Hello } from '../../../shared/simpp/client.ts';
import { suite, type HandshakeContext } from '../../../shared/simpp/transcript.ts';
import { domainOf } from '../../../shared/xmpp/jid.ts';
import { bytesOf, fixedBytes, hex, numberOf, textOf, valuesOf, type Values } from '../vector.ts';
import { identityInputs, identityOf } from './identities.ts';

const offer =
  `<simpp xmlns='urn:simpp:stream:2'><suite>${suite}</suite>` +
  `<fingerprint>q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=</fingerprint></simpp>`;

const choices: Values = {
  krS: hex(fixedBytes('KR_S', 32)),
  clientEphemeral: hex(fixedBytes('e of A', 32)),
  kemSeed: hex(fixedBytes('e1 of A', 64)),
  gatewayEphemeral: hex(fixedBytes('e of S', 32)),
  kemMessage: hex(fixedBytes('m of S', 32)),
  rS: hex(fixedBytes('R_S', 32)),
};

export type HandshakeKind = 'guest' | 'login' | 'register';

/** What each kind of handshake needs of A, and nothing else: every input shows in the outputs. */
export function identityFor(kind: HandshakeKind, changes: Values = {}): Values {
  const all: Values = { ...identityInputs, stateEpoch: 3, ...changes };
  const { jid, deviceId, krDd, listVersion, stateEpoch } = all as Readonly<Record<string, string | number>>;
  switch (kind) {
    case 'guest':
      return { krDd: krDd! };
    case 'login':
      return { jid: jid!, deviceId: deviceId!, krDd: krDd!, listVersion: listVersion!, stateEpoch: stateEpoch! };
    case 'register':
      return all;
  }
}

export const handshakeInputs = (kind: HandshakeKind, changes: Values = {}): Values => ({
  kind,
  to: 'example.test',
  offer,
  binding: '',
  identity: identityFor(kind),
  choices,
  ...changes,
});

/** What differs when a handshake runs inside a channel (§6.2). */
export const enrolment: Values = { offer: '', binding: hex(fixedBytes('binding', 32)) };

export function helloOf(inputs: Values): Hello {
  const values = valuesOf(inputs, 'identity');
  const agreement = crypto.p256.privateKey(bytesOf(values, 'krDd'));
  switch (textOf(inputs, 'kind')) {
    case 'guest':
      return { kind: 'guest', agreement };
    case 'login':
      return {
        kind: 'login',
        agreement,
        idA: textOf(values, 'jid'),
        deviceId: bytesOf(values, 'deviceId'),
        listVersion: numberOf(values, 'listVersion'),
        stateEpoch: numberOf(values, 'stateEpoch'),
      };
    case 'register': {
      const { jid: idA, krA, deviceList, certificate } = identityOf(values);
      const stateEpoch = numberOf(values, 'stateEpoch');
      return { kind: 'register', agreement, idA, krA, deviceList, certificate, stateEpoch };
    }
    default:
      throw new TypeError('a handshake is for a guest, a login or a registration');
  }
}

export const contextOf = (inputs: Values): HandshakeContext => ({
  domain: domainOf(textOf(inputs, 'to')),
  offer: utf8(textOf(inputs, 'offer')),
  binding: bytesOf(inputs, 'binding'),
});
