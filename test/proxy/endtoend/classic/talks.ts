// Alice and Bob of the classic profile, each with the talk that a proxy would
// hold, and between them a network that a test plays by hand: what is sent
// waits until it is handed over.
import { Talk } from '../../../../proxy/endtoend/classic/talk.ts';
import type { KeyAnswer } from '../../../../proxy/endtoend/classic/keys.ts';
import { detectNodeCrypto } from '../../../../proxy/crypto/provider.ts';
import type { PrivateKey } from '../../../../shared/crypto/provider.ts';
import type { ClassicConversation, ClassicCurve } from '../../../../shared/simpp/classic/conversation.ts';
import { systemEntropy } from '../../../../shared/simpp/entropy.ts';

export const crypto = detectNodeCrypto();
export const entropy = systemEntropy(crypto);
export const alice = 'alice@example.test';
export const bob = 'bob@example.test';

export interface Party {
  readonly krA: PrivateKey;
  readonly talk: Talk;
  /** C3 and C4 that it has sent, and nobody has been given yet. */
  readonly sent: Uint8Array[];
  /** What S tells it of the other one; may be replaced. */
  answer: KeyAnswer;
  now: number;
}

function newParty(own: string, contact: string, krA: PrivateKey, curve: ClassicCurve): Party {
  const party = { krA, sent: [] as Uint8Array[], answer: { kind: 'none' } as KeyAnswer, now: 0 };
  const talk = new Talk({
    own,
    contact,
    crypto,
    entropy,
    krA,
    curve,
    keyOf: () => Promise.resolve(party.answer),
    send: (share) => `id-${party.sent.push(share)}`,
    now: () => party.now,
  });
  return Object.assign(party, { talk });
}

/** Both, of whom S tells the truth. */
export function newPair(curves: readonly [ClassicCurve, ClassicCurve] = ['P-224', 'P-224']): {
  readonly a: Party;
  readonly b: Party;
} {
  const a = newParty(alice, bob, crypto.p224.generate(), curves[0]);
  const b = newParty(bob, alice, crypto.p224.generate(), curves[1]);
  a.answer = { kind: 'key', key: b.krA.publicKey };
  b.answer = { kind: 'key', key: a.krA.publicKey };
  return { a, b };
}

/** What a party sends next, once it has. */
export async function nextOf({ sent }: Party): Promise<Uint8Array> {
  await new Promise((resolve) => setImmediate(resolve));
  const share = sent.shift();
  if (share === undefined) throw new Error('nothing was sent');
  return share;
}

/** C1 to C5, begun by `a`. */
export async function agree(a: Party, b: Party): Promise<ClassicConversation> {
  const reach = a.talk.reach();
  await b.talk.heardC3(await nextOf(a));
  a.talk.heardC4(await nextOf(b));
  const reached = await reach;
  if ('kAB' in reached) return reached;
  if (reached.kind !== 'talk') throw new Error(reached.kind);
  return reached.conversation;
}
