// The handshake of simpp-2 with every choice fixed, with its inner values, and
// handshakes that must fail. The inner values come from a plain trace by the
// letter of docs/protocol.md, which must give the same messages as the state
// machines: the trace is their oracle.
import assert from 'node:assert/strict';
import { ml_kem768 } from '@noble/post-quantum/ml-kem.js';
import { utf8 } from '../../../shared/bytes.ts';
import { nobleCrypto as crypto } from '../../../shared/crypto/noble.ts';
import { SimppError } from '../../../shared/errors.ts';
import { startClient, type Hello } from '../../../shared/simpp/client.ts';
import { startGateway } from '../../../shared/simpp/gateway.ts';
import type { GatewayStep, KnownDevice, Session } from '../../../shared/simpp/handshake.ts';
import { labelled } from '../../../shared/simpp/labels.ts';
import { m1, m2, m3, r1, r2, r3, s1, s2, s3 } from '../../../shared/simpp/messages.ts';
import { encryptAndHash, initialize, mixHash, mixKey, noiseNonce } from '../../../shared/simpp/noise.ts';
import { protocolName, suite } from '../../../shared/simpp/transcript.ts';
import { scriptedEntropy } from '../scripted-entropy.ts';
import {
  bytesOf,
  digestOf,
  fixedBytes,
  hex,
  numberOf,
  textOf,
  valuesOf,
  type Values,
  type VectorKind,
} from '../vector.ts';
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

const { jid, deviceId, krDd, listVersion } = identityInputs as Readonly<Record<string, string | number>>;

/** What each kind of handshake needs of A, and nothing else: every input shows in the outputs. */
const identities: Readonly<Record<string, Values>> = {
  guest: { krDd: krDd! },
  login: { jid: jid!, deviceId: deviceId!, krDd: krDd!, listVersion: listVersion!, stateEpoch: 3 },
  register: { ...identityInputs, stateEpoch: 3 },
};

const handshakeInputs = (kind: string, changes: Values = {}): Values => ({
  kind,
  domain: 'example.test',
  offer,
  binding: '',
  identity: identities[kind]!,
  choices,
  ...changes,
});

function helloOf(inputs: Values): Hello {
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
      return {
        kind: 'register',
        agreement,
        idA,
        krA,
        deviceList,
        certificate,
        stateEpoch: numberOf(values, 'stateEpoch'),
      };
    }
    default:
      throw new TypeError('a handshake is for a guest, a login or a registration');
  }
}

const contextOf = (inputs: Values) => ({
  crypto,
  domain: textOf(inputs, 'domain'),
  offer: utf8(textOf(inputs, 'offer')),
  binding: bytesOf(inputs, 'binding'),
});

type Tamper = (message: Uint8Array, which: 'M1' | 'M2' | 'M3') => Uint8Array;

interface Run {
  readonly messages: readonly Uint8Array[];
  readonly client: Session;
  readonly gateway: Session;
}

/** Both state machines against each other; `tamper` sees each message on its way. */
function runMachines(inputs: Values, tamper: Tamper = (message) => message): Run | 'refused by A' | 'refused by S' {
  const fixed = valuesOf(inputs, 'choices');
  const krS = crypto.p256.privateKey(bytesOf(fixed, 'krS'));
  const hello = helloOf(inputs);
  const known: KnownDevice | undefined =
    hello.kind === 'login' ? { jid: hello.idA, deviceId: hello.deviceId } : undefined;
  let side: 'refused by A' | 'refused by S' = 'refused by A';
  try {
    const opening = startClient(
      {
        ...contextOf(inputs),
        kuS: krS.publicKey,
        entropy: scriptedEntropy({
          scalars: [bytesOf(fixed, 'clientEphemeral')],
          kemSeeds: [bytesOf(fixed, 'kemSeed')],
        }),
      },
      hello,
    );
    let gateway: GatewayStep = startGateway({
      ...contextOf(inputs),
      krS,
      entropy: scriptedEntropy({
        scalars: [bytesOf(fixed, 'gatewayEphemeral')],
        kemMessages: [bytesOf(fixed, 'kemMessage')],
        bytes: [bytesOf(fixed, 'rS')],
      }),
      masterKey: (kuDd) => crypto.p256.agree(krS, kuDd),
      allowGuests: true,
      now: () => numberOf(valuesOf(inputs, 'identity'), 'issued'),
    });
    const deliver = (encoded: Uint8Array, which: 'M1' | 'M3'): GatewayStep => {
      side = 'refused by S';
      if (gateway.kind === 'read' || gateway.kind === 'send') gateway = gateway.next(tamper(encoded, which));
      if (gateway.kind === 'find-device') gateway = gateway.next(known);
      return gateway;
    };
    const first = opening.messages[0]!;
    const answer = deliver(first, 'M1');
    if (answer.kind !== 'send' || opening.kind !== 'send') return side;
    side = 'refused by A';
    const closing = opening.next(tamper(answer.message, 'M2'));
    const last = closing.messages[0]!;
    const end = deliver(last, 'M3');
    if (end.kind !== 'established' || closing.kind !== 'established') return side;
    return { messages: [first, answer.message, last], client: closing.session, gateway: end.session };
  } catch (error) {
    if (error instanceof SimppError) return side;
    throw error;
  }
}

/** The handshake by the letter of §5, with its inner values. */
function trace(inputs: Values) {
  const fixed = valuesOf(inputs, 'choices');
  const { p256, aes256Gcm } = crypto;
  const hello = helloOf(inputs);
  const krS = p256.privateKey(bytesOf(fixed, 'krS'));
  const eA = p256.privateKey(bytesOf(fixed, 'clientEphemeral'));
  const eS = p256.privateKey(bytesOf(fixed, 'gatewayEphemeral'));
  const kem = crypto.mlKem768.decapsulationKey(bytesOf(fixed, 'kemSeed'));
  const rS = bytesOf(fixed, 'rS');

  const context = contextOf(inputs);
  const prologue = labelled('prologue', utf8(context.domain), context.offer, utf8(suite), context.binding);
  let state = mixHash(crypto, mixHash(crypto, initialize(crypto, protocolName), prologue), krS.publicKey.bytes);
  const h0 = state.h;

  state = mixKey(crypto, mixHash(crypto, state, eA.publicKey.bytes), p256.agree(eA, krS.publicKey));
  const [e1, afterE1] = encryptAndHash(crypto, state, kem.encapsulationKey.bytes);
  const [s, afterS] = encryptAndHash(crypto, afterE1, hello.agreement.publicKey.bytes);
  const kA = p256.agree(hello.agreement, krS.publicKey);
  const payload1 =
    hello.kind === 'guest'
      ? Uint8Array.of(0x10)
      : hello.kind === 'login'
        ? s1.encode(hello)
        : r1.encode({ ...hello, kuA: hello.krA.publicKey.bytes });
  const [sealed1, afterM1] = encryptAndHash(crypto, mixKey(crypto, afterS, kA), payload1);

  state = mixKey(crypto, mixHash(crypto, afterM1, eS.publicKey.bytes), p256.agree(eS, eA.publicKey));
  const { cipherText, sharedSecret } = ml_kem768.encapsulate(kem.encapsulationKey.bytes, bytesOf(fixed, 'kemMessage'));
  const [ekem1, afterKem] = encryptAndHash(crypto, state, cipherText);
  state = mixKey(crypto, mixKey(crypto, afterKem, sharedSecret), p256.agree(eS, hello.agreement.publicKey));
  const h2 = state.h;
  const { ck } = state;
  const kAS = crypto.hkdfExpand(ck, labelled('k-as', h2), 32);
  const idA = hello.kind === 'guest' ? '' : hello.idA;
  const payload2 =
    hello.kind === 'register'
      ? r2.encode({ rS, hash: crypto.sha256(labelled('h-id-ku', utf8(idA), hello.krA.publicKey.bytes)) })
      : s2.encode({ rS, hash: crypto.sha256(labelled('h-id-kas', utf8(idA), kAS)) });
  const [sealed2, afterM2] = encryptAndHash(crypto, state, payload2);
  const h3 = afterM2.h;

  const confirmationKey = crypto.hkdfExpand(ck, labelled('confirm', h3), 32);
  const payload3 =
    hello.kind === 'register'
      ? r3.encode({ signature: p256.sign(hello.krA, labelled('R3', rS, h3)) })
      : s3.encode({ hash: crypto.sha256(labelled('h-rs', rS)) });
  const sealed3 = aes256Gcm.seal(aes256Gcm.key(confirmationKey), noiseNonce(0), h3, payload3);
  return {
    h0,
    kA,
    payload1,
    m1: m1.encode({ e: eA.publicKey.bytes, e1, s, payload: sealed1 }),
    h1: afterM1.h,
    ciphertext: cipherText,
    kemSecret: sharedSecret,
    // FIPS 203 §6.3: another ciphertext gives another secret, made of z.
    kemRejection: crypto.mlKem768.decapsulate(kem, cipherText.with(0, cipherText[0]! ^ 1)),
    h2,
    ck,
    kAS,
    payload2,
    m2: m2.encode({ e: eS.publicKey.bytes, ekem1, payload: sealed2 }),
    h3,
    confirmationKey,
    payload3,
    m3: m3.encode({ payload: sealed3 }),
    recordKeyClient: crypto.hkdfExpand(ck, labelled('records-client', h3), 32),
    recordKeyGateway: crypto.hkdfExpand(ck, labelled('records-gateway', h3), 32),
  };
}

const header = Uint8Array.of(1, 0, 17);

export const handshakes: VectorKind = {
  file: 'handshakes',
  about:
    'Handshakes of simpp-2 with every choice fixed: a guest, a login, a registration, an enrolment inside a channel.',
  section: '5',
  inputs: [
    { name: 'guest', inputs: handshakeInputs('guest') },
    { name: 'login', inputs: handshakeInputs('login') },
    { name: 'registration', inputs: handshakeInputs('register') },
    {
      name: 'enrolment: a registration inside a channel',
      inputs: handshakeInputs('register', { offer: '', binding: hex(fixedBytes('binding', 32)) }),
    },
  ],
  derive(inputs) {
    const inner = trace(inputs);
    const run = runMachines(inputs);
    assert(typeof run === 'object', 'the handshake of a vector was refused');
    const { client, gateway } = run;
    assert.deepEqual(run.messages, [inner.m1, inner.m2, inner.m3], 'state machines and trace differ');
    assert.deepEqual([client.kAS, gateway.kAS], [inner.kAS, inner.kAS]);
    assert.deepEqual([client.binding, gateway.binding], [inner.h3, inner.h3]);
    for (const [protection, key] of [
      [client.client, inner.recordKeyClient],
      [gateway.client, inner.recordKeyClient],
      [client.gateway, inner.recordKeyGateway],
      [gateway.gateway, inner.recordKeyGateway],
    ] as const) {
      const expected = crypto.aes256Gcm.seal(crypto.aes256Gcm.key(key), noiseNonce(0), header, header.subarray(0, 1));
      assert.deepEqual(protection.seal(0, header, header.subarray(0, 1)), expected);
    }
    return Object.fromEntries(Object.entries(inner).map(([name, bytes]) => [name, hex(bytes)]));
  },
};

interface Flip {
  readonly message: 'M1' | 'M2' | 'M3';
  readonly at: number;
}

const flips: readonly (Flip & { readonly what: string; readonly kind: string })[] = [
  { kind: 'login', message: 'M1', at: 1, what: 'the form byte of e' },
  { kind: 'login', message: 'M1', at: 40, what: 'a byte of e: not on the curve' },
  { kind: 'login', message: 'M1', at: 100, what: 'a byte of the sealed e1' },
  { kind: 'login', message: 'M1', at: 1270, what: 'a byte of the sealed s' },
  { kind: 'login', message: 'M1', at: 1349, what: 'a byte of the sealed S1' },
  { kind: 'login', message: 'M2', at: 40, what: 'a byte of e: not on the curve' },
  { kind: 'login', message: 'M2', at: 70, what: 'a byte of the sealed KEM ciphertext' },
  { kind: 'login', message: 'M2', at: 1175, what: 'a byte of the sealed S2' },
  { kind: 'login', message: 'M3', at: 5, what: 'a byte of the sealed S3' },
  { kind: 'register', message: 'M1', at: 1400, what: 'a byte of the sealed R1' },
  { kind: 'register', message: 'M3', at: 5, what: 'a byte of the sealed R3' },
];

export const badHandshakes: VectorKind = {
  file: 'bad-handshakes',
  about:
    'Handshakes that must fail: the byte at `at` of the message is XORed with 1 on its way; `outcome` says who notices. ' +
    '`tampered` is the message as it arrives.',
  section: '5, 4.6',
  inputs: flips.map(({ kind, message, at, what }) => ({
    name: `${kind}: ${message}, ${what}`,
    inputs: { ...handshakeInputs(kind), tamper: { message, at } },
  })),
  derive(inputs) {
    const { message, at } = valuesOf(inputs, 'tamper');
    let tampered = '';
    const outcome = runMachines(inputs, (encoded, which) => {
      if (which !== message) return encoded;
      const changed = encoded.with(Number(at), encoded[Number(at)]! ^ 1);
      tampered = hex(changed);
      return changed;
    });
    assert(typeof outcome === 'string', 'a tampered handshake went through');
    return { outcome, tampered, digest: digestOf(inputs) };
  },
};
