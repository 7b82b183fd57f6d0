// The handshake of simpp-2 with every choice fixed, with its inner values, and
// handshakes of which a message was damaged on its way.
import assert from 'node:assert/strict';
import { nobleCrypto as crypto } from '../../../shared/crypto/noble.ts';
import { noiseNonce } from '../../../shared/simpp/noise.ts';
import { digestOf, hex, valuesOf, type VectorKind } from '../vector.ts';
import { runMachines } from './handshake-machines.ts';
import { enrolment, handshakeInputs, identityFor, type HandshakeKind } from './handshake-setting.ts';
import { trace } from './handshake-trace.ts';

const header = Uint8Array.of(1, 0, 17);
const buerger = { jid: 'bürger@bücher.example' };

export const handshakes: VectorKind = {
  file: 'handshakes',
  about:
    'Handshakes of simpp-2 with every choice fixed: a guest, a login, a registration, an enrolment inside a channel; ' +
    "and a domain that is not ASCII, in two forms of the stream's `to`.",
  section: '5',
  inputs: [
    { name: 'guest', inputs: handshakeInputs('guest') },
    { name: 'login', inputs: handshakeInputs('login') },
    { name: 'registration', inputs: handshakeInputs('register') },
    { name: 'enrolment: a registration inside a channel', inputs: handshakeInputs('register', enrolment) },
    {
      name: 'login: to a domain with U-labels',
      inputs: handshakeInputs('login', { to: 'Bücher.example', identity: identityFor('login', buerger) }),
    },
    {
      name: 'registration: to the same domain with A-labels',
      inputs: handshakeInputs('register', {
        to: 'xn--bcher-kva.example',
        identity: identityFor('register', buerger),
      }),
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
  readonly kind: HandshakeKind;
  readonly message: 'M1' | 'M2' | 'M3';
  readonly at: number;
  readonly what: string;
}

const flips: readonly Flip[] = [
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
