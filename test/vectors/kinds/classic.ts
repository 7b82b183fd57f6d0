// The classic profile: R1–R3 and S1–S3 with every choice fixed, and its records.
import assert from 'node:assert/strict';
import { utf8 } from '../../../shared/bytes.ts';
import { nobleCrypto as crypto } from '../../../shared/crypto/noble.ts';
import { Channel } from '../../../shared/simpp/channel.ts';
import { startClassicClient } from '../../../shared/simpp/classic/client.ts';
import { classicSession } from '../../../shared/simpp/classic/cipher.ts';
import { startClassicGateway } from '../../../shared/simpp/classic/gateway.ts';
import type { ClassicAccount, ClientStep, GatewayStep } from '../../../shared/simpp/handshake.ts';
import { domainOf } from '../../../shared/xmpp/jid.ts';
import { scriptedEntropy } from '../scripted-entropy.ts';
import { bytesOf, fixedBytes, hex, isRefused, roleOf, textOf, type Values, type VectorKind } from '../vector.ts';

/** The choices of a registration and the login after it. */
export const exchange: Values = {
  to: 'example.test',
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
  storedKuA: '',
};

const names = ['r1', 'r2', 'r3', 's1', 's2', 's3'] as const;
export type Name = (typeof names)[number];

interface Outcome {
  readonly messages: readonly Uint8Array[];
  readonly account: ClassicAccount | undefined;
  readonly end: 'established' | 'refused by A' | 'refused by S';
}

/** Runs registration and login; `onWire` sees each message on its way. */
export function runClassic(
  inputs: Values,
  onWire: (message: Uint8Array, name: Name) => Uint8Array = (message) => message,
): Outcome {
  const at = (key: string): Uint8Array => bytesOf(inputs, key);
  const krS = crypto.p224.privateKey(at('krS'));
  const messages: Uint8Array[] = [];
  let account: ClassicAccount | undefined;
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
    domain: domainOf(textOf(inputs, 'to')),
  });
  const arriving = (message: Uint8Array): Uint8Array => {
    messages.push(message);
    return onWire(message, names[messages.length - 1]!);
  };
  /** What the directory says: one KU_A for each ID_A. */
  const mayStore = ({ kuA }: ClassicAccount): boolean => [hex(kuA), ''].includes(textOf(inputs, 'storedKuA'));
  const readByS = (message: Uint8Array): void => {
    if (gateway.kind === 'read' || gateway.kind === 'send') gateway = gateway.next(arriving(message));
    if (gateway.kind === 'store-account') {
      ({ account } = gateway);
      gateway = gateway.next(mayStore(account));
    }
    if (gateway.kind === 'find-account') gateway = gateway.next(account?.idA === gateway.idA ? account : undefined);
  };
  for (;;) {
    for (const message of client.messages) {
      if (isRefused(() => readByS(message)) || gateway.kind === 'refused') {
        return { messages, account, end: 'refused by S' };
      }
    }
    if (gateway.kind === 'established') return { messages, account, end: 'established' };
    assert(client.kind === 'send' && gateway.kind === 'send');
    const [waiting, answer] = [client, gateway.message];
    if (isRefused(() => (client = waiting.next(arriving(answer))))) return { messages, account, end: 'refused by A' };
  }
}

export const classicHandshakes: VectorKind = {
  file: 'classic-handshakes',
  about:
    'R1–R3 and S1–S3 of the classic profile with every choice fixed; signatures are deterministic (RFC 6979). ' +
    '`storedKuA` is the KU_A that S has stored for ID_A before, if any.',
  section: '10.1',
  inputs: [{ name: 'registration, then login', inputs: exchange }],
  derive(inputs) {
    const { messages, account, end } = runClassic(inputs);
    assert(end === 'established' && account !== undefined, 'the classic exchange failed');
    // R3 and S1 leave together, so the order on the wire is the paper's.
    const outputs = Object.fromEntries(names.map((name, n) => [name, hex(messages[n]!)]));
    return { ...outputs, kuA: hex(account.kuA), kA: hex(account.kA) };
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
