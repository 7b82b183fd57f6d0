// Handshakes whose messages are sealed as they must be and do not tell the
// truth: what is left for S and A to refuse when every tag is right (§5.4).
import assert from 'node:assert/strict';
import { utf8 } from '../../../shared/bytes.ts';
import { p256 as p256Parameters } from '../../../shared/crypto/curves.ts';
import { nobleCrypto as crypto } from '../../../shared/crypto/noble.ts';
import { labelled } from '../../../shared/simpp/labels.ts';
import { certificateBody, r1, r2, r3, s2, s3, signedObject } from '../../../shared/simpp/messages.ts';
import { withOtherS } from '../../shared/crypto/curve-cases.ts';
import {
  bytesOf,
  digestOf,
  fixedBytes,
  flagOf,
  hex,
  listOf,
  textOf,
  valuesOf,
  type Values,
  type VectorKind,
} from '../vector.ts';
import { withCoefficient } from './encapsulation.ts';
import { readM2, startA, startS, type Knowledge, type Refusal } from './handshake-machines.ts';
import { enrolment, handshakeInputs, identityFor, type HandshakeKind } from './handshake-setting.ts';
import { trace, type Forged } from './handshake-trace.ts';
import { identityInputs, identityOf, signedList } from './identities.ts';

interface Claim {
  readonly forged?: Forged;
  /** What differs in the setting, of A's identity, and in what S knows. */
  readonly setting?: Values;
  readonly identity?: Values;
  readonly gateway?: Values;
}

const { jid, deviceId } = identityInputs as Readonly<Record<string, string>>;
const device: Values = { jid: jid!, deviceId: deviceId! };

const parts = ['e1', 's', 'payload1', 'payload2', 'payload3'] as const;

function item(kind: HandshakeKind, what: string, { forged = {}, setting = {}, identity = {}, gateway = {} }: Claim) {
  const sealed = Object.fromEntries(Object.entries(forged).map(([part, bytes]) => [part, hex(bytes)]));
  return {
    name: `${kind}: ${what}`,
    inputs: {
      ...handshakeInputs(kind, { identity: identityFor(kind, identity), ...setting }),
      forged: sealed,
      gateway: { devices: kind === 'login' ? [device] : [], guests: true, boundJid: '', ...gateway },
    },
  };
}

const rS = bytesOf(valuesOf(handshakeInputs('guest'), 'choices'), 'rS');
const other = (name: string): Uint8Array => fixedBytes(`another ${name}`, 32);
const hashIdKas = (idA: string, kAS: Uint8Array): Uint8Array => crypto.sha256(labelled('h-id-kas', utf8(idA), kAS));
const hashIdKu = (idA: string, kuA: Uint8Array): Uint8Array => crypto.sha256(labelled('h-id-ku', utf8(idA), kuA));
const hashRs = (value: Uint8Array): Uint8Array => crypto.sha256(labelled('h-rs', value));

const login = trace(handshakeInputs('login'));
const registration = trace(handshakeInputs('register'));
const alice = identityOf(identityInputs);
const honestR1 = r1.decode(registration.payload1);
const signatureOf = (payload3: Uint8Array): Uint8Array => r3.decode(payload3).signature;
const notOnCurve = alice.krA.publicKey.bytes.with(64, alice.krA.publicKey.bytes[64]! ^ 1);

const liesOfS = () => [
  item('guest', 'S2, h of another K_AS', {
    forged: { payload2: s2.encode({ rS, hash: hashIdKas('', other('K_AS')) }) },
  }),
  item('login', 'S2, h of another ID_A', {
    forged: { payload2: s2.encode({ rS, hash: hashIdKas('bob@example.test', login.kAS) }) },
  }),
  item('login', 'S2, h of another K_AS', {
    forged: { payload2: s2.encode({ rS, hash: hashIdKas(jid!, other('K_AS')) }) },
  }),
  item('login', 'R2 in place of S2', { forged: { payload2: registration.payload2 } }),
  item('register', 'R2, h of another ID_A', {
    forged: { payload2: r2.encode({ rS, hash: hashIdKu('bob@example.test', honestR1.kuA) }) },
  }),
  item('register', 'R2, h of another KU_A', {
    forged: { payload2: r2.encode({ rS, hash: hashIdKu(jid!, alice.krDs.publicKey.bytes) }) },
  }),
  item('register', 'S2 in place of R2', { forged: { payload2: login.payload2 } }),
];

const e1 = crypto.mlKem768.decapsulationKey(bytesOf(valuesOf(handshakeInputs('login'), 'choices'), 'kemSeed'))
  .encapsulationKey.bytes;

const keysOfA = () => [
  item('login', 'e1 has a coefficient of q', { forged: { e1: withCoefficient(e1, 0, 3329) } }),
  item('login', 'e1 has a coefficient of 4095', { forged: { e1: withCoefficient(e1, 767, 4095) } }),
  item('login', 's is not on the curve', { forged: { s: notOnCurve } }),
];

const identitiesOfA = () => [
  item('guest', 'guests are refused', { gateway: { guests: false } }),
  item('login', 'the device is not listed', { gateway: { devices: [] } }),
  item('login', 'the device is listed with another id', {
    gateway: { devices: [{ ...device, deviceId: hex(fixedBytes('another device id', 16)) }] },
  }),
  item('login', 'the device is listed for another ID_A', {
    gateway: { devices: [{ ...device, jid: 'bob@example.test' }] },
  }),
  item('login', 'ID_A is not the JID that the server bound', {
    setting: enrolment,
    gateway: { boundJid: 'bob@example.test' },
  }),
  item('register', 'ID_A is not the JID that the server bound', {
    setting: enrolment,
    gateway: { boundJid: 'bob@example.test' },
  }),
];

/** Forms of ID_A that S must not take for the prepared bare JID of an account of the domain. */
const unprepared: readonly (readonly [idA: string, what: string, to?: string])[] = [
  ['alice@other.test', 'is of another domain'],
  ['alice@sub.example.test', 'is of a subdomain'],
  ['Alice@Example.Test', 'is not in lower case'],
  ['Alice@example.test', 'has a localpart that is not in lower case'],
  ['a@b@example.test', 'has two @'],
  ['@example.test', 'has an empty localpart'],
  ['example.test', 'has no localpart'],
  ['alice@example.test/phone', 'has a resource'],
  ['alice/x@example.test', 'has a resource that ends like an address'],
  ['alice@example.test.', 'ends with a dot'],
  ['alice @example.test', 'has a space'],
  ['bu\u0308rger@example.test', 'is not composed'],
  ['\uff41lice@example.test', 'has a letter of full width'],
  ['alice@xn--bcher-kva.example', 'has an A-label', 'bücher.example'],
];

const registrations = () => {
  const bob = identityOf({ ...identityInputs, jid: 'bob@example.test' });
  const elsewhere = identityOf({ ...identityInputs, krDd: hex(other('KR_Dd')) });
  const certified = certificateBody.decode(signedObject.decode(alice.certificate).body);
  const body = certificateBody.encode({ ...certified, kuDs: notOnCurve });
  const badKuDs = signedObject.encode({
    body,
    signature: crypto.p256.sign(alice.krA, labelled('device-cert', body)),
  });
  const withR1 = (changes: Partial<typeof honestR1>): Claim => ({
    forged: { payload1: r1.encode({ ...honestR1, ...changes }) },
  });
  return [
    ...unprepared.map(([idA, what, to]) =>
      item('register', `ID_A ${what}`, { identity: { jid: idA }, setting: to === undefined ? {} : { to } }),
    ),
    item('register', 'the certificate and the list are for another ID_A', withR1(bob)),
    item('register', 'the certificate is for another s', withR1(elsewhere)),
    item('register', 'the certificate has a KU_Ds that is not on the curve', {
      ...withR1({ certificate: badKuDs, deviceList: signedList(alice.krA, identityInputs, badKuDs) }),
    }),
    item('register', 'KU_A is not on the curve', withR1({ kuA: notOnCurve })),
    item('register', 'KU_A is of another account', withR1({ kuA: alice.krDs.publicKey.bytes })),
  ];
};

const proofs = () => {
  const byKey = (key: typeof alice.krA, message: Uint8Array): Claim => ({
    forged: { payload3: r3.encode({ signature: crypto.p256.sign(key, message) }) },
  });
  const { h3 } = registration;
  return [
    item('guest', 'S3, h of another R_S', { forged: { payload3: s3.encode({ hash: hashRs(other('R_S')) }) } }),
    item('login', 'S3, h of another R_S', { forged: { payload3: s3.encode({ hash: hashRs(other('R_S')) }) } }),
    item('login', 'R3 in place of S3', { forged: { payload3: registration.payload3 } }),
    item('register', 'S3 in place of R3', { forged: { payload3: login.payload3 } }),
    item('register', 'R3 over the bare R_S', byKey(alice.krA, rS)),
    item('register', 'R3 over another R_S', byKey(alice.krA, labelled('R3', other('R_S'), h3))),
    item('register', 'R3 over another transcript', byKey(alice.krA, labelled('R3', rS, login.h3))),
    item('register', "R3 by the device's signing key", byKey(alice.krDs, labelled('R3', rS, h3))),
    item('register', 'R3 with a high s', {
      forged: {
        payload3: r3.encode({ signature: withOtherS(p256Parameters, signatureOf(registration.payload3)) }),
      },
    }),
  ];
};

function knowledgeOf(inputs: Values): Knowledge {
  const gateway = valuesOf(inputs, 'gateway');
  const boundJid = textOf(gateway, 'boundJid');
  return {
    devices: listOf(gateway, 'devices').map((listed) => ({
      jid: textOf(listed, 'jid'),
      deviceId: bytesOf(listed, 'deviceId'),
    })),
    allowGuests: flagOf(gateway, 'guests'),
    ...(boundJid === '' ? {} : { boundJid }),
  };
}

function forgedOf(inputs: Values): Forged {
  const forged = valuesOf(inputs, 'forged');
  for (const part of Object.keys(forged))
    assert(
      parts.some((known) => known === part),
      `nothing forges ${part}`,
    );
  return Object.fromEntries(parts.filter((part) => part in forged).map((part) => [part, bytesOf(forged, part)]));
}

/** A meets a gateway that lies in M2. */
function beforeA(inputs: Values, { m1, m2 }: ReturnType<typeof trace>): readonly Uint8Array[] {
  const opening = startA(inputs);
  assert.deepEqual(opening.messages, [m1], 'state machine and trace differ');
  assert.equal(readM2(opening, m2), 'refused', 'A believed a lie');
  return [m1, m2];
}

/** S meets a client that lies in M1 or M3, or is not who may come. */
function beforeS(inputs: Values, { m1, m2, m3 }: ReturnType<typeof trace>): readonly Uint8Array[] {
  const deliver = startS(inputs, knowledgeOf(inputs));
  const answer = deliver(m1);
  if (answer.kind === 'refused') return [m1];
  assert(answer.kind === 'send');
  assert.deepEqual(answer.message, m2, 'state machine and trace differ');
  assert.equal(deliver(m3).kind, 'refused', 'S believed a lie');
  return [m1, m2, m3];
}

export const badClaims: VectorKind = {
  file: 'bad-claims',
  about:
    'Handshakes that must be refused although every tag is right. `forged` are the plaintexts that their sender seals in ' +
    'place of the right ones, `gateway` is what S knows and permits; `messages` are those that cross the wire, the last ' +
    'of which is refused.',
  section: '5.1, 5.3, 5.4, 6.2',
  inputs: [...liesOfS(), ...keysOfA(), ...identitiesOfA(), ...registrations(), ...proofs()],
  derive(inputs) {
    const forged = forgedOf(inputs);
    const told = trace(inputs, forged);
    const outcome: Refusal = forged.payload2 === undefined ? 'refused by S' : 'refused by A';
    const messages = outcome === 'refused by A' ? beforeA(inputs, told) : beforeS(inputs, told);
    return { messages: messages.map(hex), outcome, digest: digestOf(inputs) };
  },
};
