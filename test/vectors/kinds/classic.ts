// The classic profile: R1–R3 and S1–S3 with every choice fixed, its records,
// and what must not go through.
import assert from 'node:assert/strict';
import { utf8 } from '../../../shared/bytes.ts';
import { nobleCrypto as crypto } from '../../../shared/crypto/noble.ts';
import { SimppError } from '../../../shared/errors.ts';
import { Channel } from '../../../shared/simpp/channel.ts';
import { startClassicClient } from '../../../shared/simpp/classic/client.ts';
import { classicSession } from '../../../shared/simpp/classic/cipher.ts';
import { startClassicGateway } from '../../../shared/simpp/classic/gateway.ts';
import type { ClassicAccount, ClientStep, GatewayStep } from '../../../shared/simpp/handshake.ts';
import { scriptedEntropy } from '../scripted-entropy.ts';
import {
  bytesOf,
  digestOf,
  fixedBytes,
  hex,
  roleOf,
  textOf,
  valuesOf,
  type Values,
  type VectorKind,
} from '../vector.ts';

const exchange: Values = {
  idA: 'alice@example.test',
  krA: hex(fixedBytes('classic KR_A', 28)),
  krS: hex(fixedBytes('classic KR_S', 28)),
  registrationRS: hex(fixedBytes('classic R_S of R2', 32)),
  kAS: hex(fixedBytes('classic K_AS', 16)),
  loginRS: hex(fixedBytes('classic R_S of S2', 32)),
  ivR2: hex(fixedBytes('IV of R2', 16)),
  ivS1: hex(fixedBytes('IV of S1', 16)),
  ivS2: hex(fixedBytes('IV of S2', 16)),
  ivS3: hex(fixedBytes('IV of S3', 16)),
};

interface Outcome {
  readonly messages: readonly Uint8Array[];
  readonly account: ClassicAccount | undefined;
  readonly established: boolean;
}

/** Runs registration and login; `tamper` sees message number n (0 is R1) on its way. */
function run(inputs: Values, tamper: (message: Uint8Array, n: number) => Uint8Array = (message) => message): Outcome {
  const at = (key: string): Uint8Array => bytesOf(inputs, key);
  const krS = crypto.p224.privateKey(at('krS'));
  const messages: Uint8Array[] = [];
  let account: ClassicAccount | undefined;
  const onWire = (message: Uint8Array): Uint8Array => {
    messages.push(message);
    return tamper(message, messages.length - 1);
  };
  let client: ClientStep = startClassicClient({
    crypto,
    entropy: scriptedEntropy({ bytes: [at('kAS'), at('ivS1'), at('ivS3')] }),
    kuS: krS.publicKey,
    krA: crypto.p224.privateKey(at('krA')),
    idA: textOf(inputs, 'idA'),
    register: true,
  });
  let gateway: GatewayStep = startClassicGateway({
    crypto,
    entropy: scriptedEntropy({ bytes: [at('registrationRS'), at('ivR2'), at('loginRS'), at('ivS2')] }),
    krS,
    domain: 'example.test',
  });
  for (;;) {
    for (const message of client.messages) {
      if (gateway.kind !== 'read' && gateway.kind !== 'send') return { messages, account, established: false };
      gateway = gateway.next(onWire(message));
      if (gateway.kind === 'store-account') {
        ({ account } = gateway);
        gateway = gateway.next(true);
      }
      if (gateway.kind === 'find-account') gateway = gateway.next(account);
    }
    if (client.kind === 'established' || gateway.kind !== 'send') {
      return { messages, account, established: gateway.kind === 'established' };
    }
    client = client.next(onWire(gateway.message));
  }
}

const names = ['r1', 'r2', 'r3', 's1', 's2', 's3'] as const;

export const classicHandshakes: VectorKind = {
  file: 'classic-handshakes',
  about: 'R1–R3 and S1–S3 of the classic profile with every choice fixed; signatures are deterministic (RFC 6979).',
  section: '10.1',
  inputs: [{ name: 'registration, then login', inputs: exchange }],
  derive(inputs) {
    const { messages, account, established } = run(inputs);
    assert(established && account !== undefined, 'the classic exchange failed');
    // R3 and S1 leave together, so the order on the wire is the paper's.
    const outputs = Object.fromEntries(names.map((name, n) => [name, hex(messages[n]!)]));
    return { ...outputs, kuA: hex(account.kuA), kA: hex(account.kA) };
  },
};

const flips: readonly Values[] = [
  { message: 'r1', at: 25, what: 'KU_A is not on the curve' },
  { message: 'r2', at: 40, what: 'a byte of the sealed R_S: A signs another value' },
  { message: 'r3', at: 5, what: 'a byte of the signature' },
  { message: 's1', at: 1, what: 'the length of ID_A' },
  { message: 's2', at: 70, what: 'a byte of the sealed hash' },
  { message: 's3', at: 40, what: 'a byte of the sealed hash' },
];

export const badClassicHandshakes: VectorKind = {
  file: 'bad-classic-handshakes',
  about: 'Classic exchanges that must fail: the byte `at` of the message is XORed with 1 on its way.',
  section: '10.1',
  inputs: flips.map((tamper) => ({
    name: `${textOf(tamper, 'message')}: ${textOf(tamper, 'what')}`,
    inputs: { ...exchange, tamper },
  })),
  derive(inputs) {
    const tamper = valuesOf(inputs, 'tamper');
    const target = names.findIndex((name) => name === tamper['message']);
    const at = Number(tamper['at']);
    let tampered = '';
    try {
      const outcome = run(inputs, (message, n) => {
        if (n !== target) return message;
        const changed = message.with(at, message[at]! ^ 1);
        tampered = hex(changed);
        return changed;
      });
      assert(!outcome.established, 'a tampered classic exchange went through');
    } catch (error) {
      if (!(error instanceof SimppError)) throw error;
    }
    return { refused: true, tampered, digest: digestOf(inputs) };
  },
};

export const classicRecords: VectorKind = {
  file: 'classic-records',
  about: 'Records of the classic profile: two data records and the close of each direction, with their IVs.',
  section: '10.2',
  inputs: ['client', 'gateway'].map((role) => ({
    name: `from the ${role}`,
    inputs: {
      role,
      kAS: hex(fixedBytes('classic K_AS', 16)),
      iv0: hex(fixedBytes(`${role} IV 0`, 16)),
      iv1: hex(fixedBytes(`${role} IV 1`, 16)),
      iv2: hex(fixedBytes(`${role} IV 2`, 16)),
      data0: hex(utf8('<stream:stream>')),
      data1: hex(fixedBytes('a whole number of blocks', 64)),
    },
  })),
  derive(inputs) {
    const role = roleOf(inputs);
    const ivs = ['iv0', 'iv1', 'iv2'].map((key) => bytesOf(inputs, key));
    const session = classicSession(crypto, scriptedEntropy({ bytes: ivs }), bytesOf(inputs, 'kAS'));
    const sender = new Channel(session, role);
    const receiver = new Channel(session, role === 'client' ? 'gateway' : 'client');
    const wire = [
      sender.sealData(bytesOf(inputs, 'data0')),
      sender.sealData(bytesOf(inputs, 'data1')),
      sender.sealClose(),
    ];
    for (const record of wire) {
      receiver.push(record);
      assert(receiver.next() !== undefined, 'a classic record did not open');
    }
    return { wire: wire.map(hex) };
  },
};
