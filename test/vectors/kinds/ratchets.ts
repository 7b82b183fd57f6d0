// The ratchet alone (docs/protocol.md §9.3): messages that come late, twice or
// damaged, with every choice fixed.
import assert from 'node:assert/strict';
import { utf8 } from '../../../shared/bytes.ts';
import { nobleCrypto as crypto } from '../../../shared/crypto/noble.ts';
import type { SkippedKey } from '../../../shared/simpp/ratchet.ts';
import { acceptRatchet, beginRatchet, openStep, sealStep, type Ratchet } from '../../../shared/simpp/ratchet.ts';
import { scriptedEntropy } from '../scripted-entropy.ts';
import {
  bytesOf,
  digestOf,
  fixedBytes,
  hex,
  isRefused,
  listOf,
  numberOf,
  textOf,
  type Values,
  type VectorKind,
} from '../vector.ts';

const named = (name: string, length = 32): string => hex(fixedBytes(`ratchet ${name}`, length));

const seals = (by: 'A' | 'B', text: string): Values => ({
  by,
  seals: hex(utf8(text)),
  salt: named(`salt of ${text}`, 16),
});
const opens = (by: 'A' | 'B', which: number): Values => ({ by, opens: which });

const setting = (actions: readonly Values[], ratchetOfA = 1, ratchetOfB = 0): Values => ({
  kAB: named('K_AB'),
  sessionId: named('session id'),
  y: named('y'),
  ratchetOfA: Array.from({ length: ratchetOfA }, (_, n) => named(`DHs ${n} of A`)),
  ratchetOfB: Array.from({ length: ratchetOfB }, (_, n) => named(`DHs ${n} of B`)),
  actions,
});

interface Sealed {
  readonly header: Uint8Array;
  readonly sealed: Uint8Array;
}

/** One end, and the keys that it has skipped. */
interface End {
  ratchet: Ratchet;
  readonly entropy: ReturnType<typeof scriptedEntropy>;
  readonly skipped: Map<string, Uint8Array>;
}

const placeOf = (dh: Uint8Array, number: number): string => `${hex(dh)} ${number}`;

function keep(end: End, added: readonly SkippedKey[]): void {
  for (const { dh, number, key } of added) end.skipped.set(placeOf(dh, number), key);
}

class Run {
  readonly #ends: Readonly<Record<'A' | 'B', End>>;
  readonly #sessionId: Uint8Array;
  readonly sealed: Sealed[] = [];
  readonly opened: string[] = [];

  constructor(inputs: Values) {
    const kAB = bytesOf(inputs, 'kAB');
    const y = crypto.p256.privateKey(bytesOf(inputs, 'y'));
    const entropyOf = (by: 'A' | 'B') =>
      scriptedEntropy({
        scalars: textsOf(inputs, `ratchetOf${by}`).map((scalar) => bytesOf({ scalar }, 'scalar')),
        bytes: listOf(inputs, 'actions')
          .filter((action) => action['by'] === by && 'seals' in action)
          .map((action) => bytesOf(action, 'salt')),
      });
    const [ofA, ofB] = [entropyOf('A'), entropyOf('B')];
    this.#sessionId = bytesOf(inputs, 'sessionId');
    this.#ends = {
      A: { entropy: ofA, ratchet: beginRatchet(crypto, ofA, kAB, y.publicKey), skipped: new Map() },
      B: { entropy: ofB, ratchet: acceptRatchet(kAB, y), skipped: new Map() },
    };
  }

  act(action: Values): void {
    const by = textOf(action, 'by');
    assert(by === 'A' || by === 'B', 'an action is by A or by B');
    const end = this.#ends[by];
    if ('seals' in action) {
      const sent = sealStep(crypto, end.entropy, end.ratchet, this.#sessionId, bytesOf(action, 'seals'));
      end.ratchet = sent.ratchet;
      this.sealed.push({ header: sent.header, sealed: sent.sealed });
      return;
    }
    const message = 'opens' in action ? this.sealed[numberOf(action, 'opens')] : undefined;
    this.open(end, message ?? { header: bytesOf(action, 'header'), sealed: bytesOf(action, 'sealed') });
  }

  open(end: End, { header, sealed }: Sealed): void {
    const find = (dh: Uint8Array, number: number) => end.skipped.get(placeOf(dh, number));
    const { ratchet, plaintext, skipped } = openStep(crypto, end.ratchet, this.#sessionId, header, sealed, find);
    end.ratchet = ratchet;
    keep(end, skipped.added);
    if (skipped.used !== undefined) end.skipped.delete(placeOf(skipped.used.dh, skipped.used.number));
    this.opened.push(hex(plaintext));
  }
}

function textsOf(inputs: Values, key: string): readonly string[] {
  const list = inputs[key];
  if (!Array.isArray(list)) throw new TypeError(`the vector lacks the list ${key}`);
  return list.map((_, at) => textOf({ text: list[at] }, 'text'));
}

const inOrder = [
  seals('A', 'one'),
  opens('B', 0),
  seals('B', 'two'),
  seals('B', 'three'),
  opens('A', 1),
  opens('A', 2),
  seals('A', 'four'),
  opens('B', 3),
];

const late = [
  seals('A', 'one'),
  seals('A', 'two'),
  seals('A', 'three'),
  opens('B', 1),
  seals('B', 'four'),
  opens('A', 3),
  seals('A', 'five'),
  seals('A', 'six'),
  opens('B', 5),
  opens('B', 0),
  opens('B', 2),
  opens('B', 4),
];

export const ratchets: VectorKind = {
  file: 'ratchets',
  about:
    'What two ends seal and open, in the order in which they do; `opens` is the number of what was sealed. `headers` and ' +
    '`sealed` are what was sealed, `opened` what was read.',
  section: '9.3',
  inputs: [
    { name: 'in order', inputs: setting(inOrder, 2, 1) },
    { name: 'late, over a step of the ratchet', inputs: setting(late, 2, 1) },
  ],
  derive(inputs) {
    const run = new Run(inputs);
    for (const action of listOf(inputs, 'actions')) run.act(action);
    return {
      headers: run.sealed.map(({ header }) => hex(header)),
      sealed: run.sealed.map(({ sealed }) => hex(sealed)),
      opened: run.opened,
    };
  },
};

const given = (by: 'A' | 'B', { header, sealed }: Sealed): Values => ({ by, header: hex(header), sealed: hex(sealed) });

function attacks(): { name: string; inputs: Values }[] {
  const honest = new Run(setting([seals('A', 'one'), seals('A', 'two')]));
  const first = [seals('A', 'one'), seals('A', 'two')];
  first.forEach((action) => honest.act(action));
  const message = honest.sealed[0]!;
  const flip = (bytes: Uint8Array, at: number): Uint8Array => bytes.with(at, bytes.at(at)! ^ 1);
  const damaged = (header: Uint8Array, sealed = message.sealed) => [...first, given('B', { header, sealed })];
  const numberAt = 1 + 65 + 4;
  const withNumber = (number: number): Uint8Array => {
    const header = message.header.slice();
    new DataView(header.buffer).setUint32(numberAt, number);
    return header;
  };
  const item = (name: string, actions: readonly Values[]) => ({ name, inputs: setting(actions) });
  return [
    item('a byte of the sealed key', damaged(message.header, flip(message.sealed, 0))),
    item('a byte of the tag', damaged(message.header, flip(message.sealed, -1))),
    item('a byte of the salt', damaged(flip(message.header, -1))),
    item('another number', damaged(withNumber(1))),
    item('the length of the previous chain', damaged(flip(message.header, numberAt - 1))),
    item('a DHs that is not on the curve', damaged(flip(message.header, 65))),
    item('a DHs of another', damaged(withDh(message.header))),
    item('1001 messages skipped', damaged(withNumber(1001))),
    item('a header with a byte more', damaged(Uint8Array.of(...message.header, 0))),
    item('read twice', [...first, opens('B', 0), opens('B', 0)]),
    item('read late, and twice', [...first, opens('B', 1), opens('B', 0), opens('B', 0)]),
    item('back to its sender', [...first, opens('A', 0)]),
  ];
}

function withDh(header: Uint8Array): Uint8Array {
  const changed = header.slice();
  changed.set(crypto.p256.privateKey(fixedBytes('M', 32)).publicKey.bytes, 1);
  return changed;
}

export const badRatchets: VectorKind = {
  file: 'bad-ratchets',
  about:
    'What two ends seal and open; the last action is refused, and changes nothing. `header` and `sealed` are opened in ' +
    'place of something that was sealed. `opened` is what was read before.',
  section: '9.3',
  inputs: attacks(),
  derive(inputs) {
    const run = new Run(inputs);
    const actions = listOf(inputs, 'actions');
    for (const action of actions.slice(0, -1)) run.act(action);
    const last = actions.at(-1)!;
    if (!isRefused(() => run.act(last))) throw new Error('what must be refused was opened');
    return { opened: run.opened, refused: true, digest: digestOf(inputs) };
  },
};
