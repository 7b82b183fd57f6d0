// C3–C7 of the classic profile, and what must end the conversation.
import assert from 'node:assert/strict';
import { utf8 } from '../../../shared/bytes.ts';
import { p224 } from '../../../shared/crypto/curves.ts';
import { nobleCrypto as crypto } from '../../../shared/crypto/noble.ts';
import type { PrivateKey } from '../../../shared/crypto/provider.ts';
import {
  answerClassicConversation,
  classicConversation,
  openClassicConversation,
  type ClassicCurve,
  type ClassicPeers,
} from '../../../shared/simpp/classic/conversation.ts';
import { classicC3, classicC4, classicCurves } from '../../../shared/simpp/classic/messages.ts';
import { withOtherS } from '../../shared/crypto/curve-cases.ts';
import { scriptedEntropy } from '../scripted-entropy.ts';
import {
  bytesOf,
  digestOf,
  fixedBytes,
  hex,
  isRefused,
  textOf,
  valuesOf,
  type Values,
  type VectorKind,
} from '../vector.ts';

/** A private key of the curve; the order of secp160r1 begins with a 1 and zeros. */
const scalar = (name: string, curve: ClassicCurve): string =>
  hex(curve === 'P-224' ? fixedBytes(name, 28) : fixedBytes(name, 21).with(0, 0));

const settingOn = (curve: ClassicCurve): Values => ({
  curve,
  krA: hex(fixedBytes('classic KR_A', 28)),
  krB: hex(fixedBytes('classic KR_B', 28)),
  x: scalar(`x on ${curve}`, curve),
  y: scalar(`y on ${curve}`, curve),
  ivC6: hex(fixedBytes('IV of C6', 16)),
  ivC7: hex(fixedBytes('IV of C7', 16)),
  dataC6: hex(utf8('<envelope>from A</envelope>')),
  dataC7: hex(fixedBytes('a whole number of blocks', 64)),
});

function curveOf(inputs: Values): ClassicCurve {
  const curve = classicCurves.find((known) => known === inputs['curve']);
  assert(curve !== undefined, 'a vector has an unknown curve');
  return curve;
}

const names = ['c3', 'c4', 'c6', 'c7'] as const;
type Name = (typeof names)[number];

interface Outcome {
  readonly messages: readonly Uint8Array[];
  readonly kAB: Uint8Array | undefined;
  readonly end: 'over' | 'refused by A' | 'refused by B';
}

/** Runs C3 to C7; `onWire` sees each message on its way. */
function run(inputs: Values, onWire: (message: Uint8Array, name: Name) => Uint8Array = (message) => message): Outcome {
  const at = (key: string): Uint8Array => bytesOf(inputs, key);
  const keys = { a: crypto.p224.privateKey(at('krA')), b: crypto.p224.privateKey(at('krB')) };
  const peersOf = (own: PrivateKey, other: PrivateKey, share: string, iv: string): ClassicPeers => ({
    crypto,
    entropy: scriptedEntropy({ scalars: [at(share)], bytes: [at(iv)] }),
    own,
    other: other.publicKey,
    curve: curveOf(inputs),
  });
  const messages: Uint8Array[] = [];
  const carried = (message: Uint8Array, name: Name): Uint8Array => {
    const arrives = onWire(message, name);
    messages.push(arrives);
    return arrives;
  };
  let reader: 'A' | 'B' = 'B';
  let kAB: Uint8Array | undefined;
  const isRefusedHere = isRefused(() => {
    const opening = openClassicConversation(peersOf(keys.a, keys.b, 'x', 'ivC6'));
    const answer = answerClassicConversation(peersOf(keys.b, keys.a, 'y', 'ivC7'), carried(opening.c3, 'c3'));
    reader = 'A';
    const ofA = opening.next(carried(answer.c4, 'c4'));
    ({ kAB } = ofA);
    reader = 'B';
    assert.deepEqual(answer.conversation.open(carried(ofA.seal(at('dataC6')), 'c6')), at('dataC6'));
    reader = 'A';
    assert.deepEqual(ofA.open(carried(answer.conversation.seal(at('dataC7')), 'c7')), at('dataC7'));
  });
  return { messages, kAB, end: isRefusedHere ? `refused by ${reader}` : 'over' };
}

export const classicConversations: VectorKind = {
  file: 'classic-conversations',
  about: 'C3 to C7 of the classic profile with every choice fixed; signatures are deterministic (RFC 6979).',
  section: '10.3',
  inputs: classicCurves.map((curve) => ({ name: `on ${curve}`, inputs: settingOn(curve) })),
  derive(inputs) {
    const { messages, kAB, end } = run(inputs);
    assert(end === 'over' && kAB !== undefined, 'a classic conversation failed');
    const outputs = Object.fromEntries(names.map((name, n) => [name, hex(messages[n]!)]));
    return { ...outputs, kAB: hex(kAB) };
  },
};

function badOn(curve: ClassicCurve): { name: string; inputs: Values }[] {
  const setting = settingOn(curve);
  const [c3, c4, c6] = run(setting).messages as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  const [a, b, mallory] = ['KR_A', 'KR_B', 'KR of another'].map((name) =>
    crypto.p224.privateKey(fixedBytes(`classic ${name}`, 28)),
  ) as [PrivateKey, PrivateKey, PrivateKey];
  const item = (message: Name, what: string, bytes: Uint8Array) => ({
    name: `${curve}: ${message}: ${what}`,
    inputs: { ...setting, tamper: { message, bytes: hex(bytes) } },
  });
  const flipped = (bytes: Uint8Array, place: number): Uint8Array => bytes.with(place, bytes.at(place)! ^ 1);
  const first = classicC3.decode(c3);
  const second = classicC4.decode(c4);
  const offCurve = { a: flipped(first.gX, -1), b: flipped(second.gY, -1) };
  const other = classicCurves.find((known) => known !== curve)!;
  const elsewhere = run(settingOn(other)).messages;
  const otherKey = classicConversation(
    crypto,
    scriptedEntropy({ bytes: [fixedBytes('IV of C6', 16)] }),
    fixedBytes('another K_AB', 16),
  );
  return [
    item('c3', 'a byte of G_x', flipped(c3, 30)),
    item('c3', 'by another key', classicC3.encode({ ...first, signature: crypto.p224.sign(mallory, first.gX) })),
    item('c3', 'with a high s', classicC3.encode({ ...first, signature: withOtherS(p224, first.signature) })),
    item('c3', 'on the other curve', elsewhere[0]!),
    item(
      'c3',
      'signed, but not on the curve',
      classicC3.encode({ ...first, gX: offCurve.a, signature: crypto.p224.sign(a, offCurve.a) }),
    ),
    item('c4', 'a byte of G_y', flipped(c4, 30)),
    item('c4', 'C3 comes back', c3),
    item('c4', 'G_x comes back', classicC4.encode({ curve: first.curve, gY: first.gX, signature: first.signature })),
    item('c4', 'on the other curve', elsewhere[1]!),
    item(
      'c4',
      'signed, but not on the curve',
      classicC4.encode({ ...second, gY: offCurve.b, signature: crypto.p224.sign(b, offCurve.b) }),
    ),
    item('c6', 'a byte of the IV', flipped(c6, 1)),
    item('c6', 'a byte of the ciphertext', flipped(c6, 20)),
    item('c6', 'a byte of the MAC', flipped(c6, -1)),
    item('c6', 'under another K_AB', otherKey.seal(bytesOf(setting, 'dataC6'))),
  ];
}

export const badClassicConversations: VectorKind = {
  file: 'bad-classic-conversations',
  about:
    'Classic conversations that must end: `bytes` come in place of a message. `messages` are what arrives, in order, the ' +
    'last of which is refused; `outcome` says by whom.',
  section: '10.3',
  inputs: classicCurves.flatMap(badOn),
  derive(inputs) {
    const tamper = valuesOf(inputs, 'tamper');
    const { messages, end } = run(inputs, (message, name) =>
      name === textOf(tamper, 'message') ? bytesOf(tamper, 'bytes') : message,
    );
    assert(end !== 'over', 'a tampered classic conversation went on');
    return { outcome: end, messages: messages.map(hex), digest: digestOf(inputs) };
  },
};
