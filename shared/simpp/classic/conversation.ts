// C3–C7 of the classic profile as published (docs/protocol.md §10.3): two
// signed points, one raw K_AB for both directions, nothing that names the
// peers, no number, no fresh key later. The attack suite shows what that costs.
import { concat, equalBytes } from '../../bytes.ts';
import type { Crypto, Curve, PrivateKey, PublicKey } from '../../crypto/provider.ts';
import { SimppError } from '../../errors.ts';
import type { Entropy } from '../entropy.ts';
import { openUnder, sealUnder } from './cipher.ts';
import { classicC3, classicC4, classicC6, classicCurves } from './messages.ts';

const macBytes = 32;

/** The curve of G_x and G_y. */
export type ClassicCurve = (typeof classicCurves)[number];

/** What one side needs: its own KR, the other's KU as S gave it (C1, C2), and the curve that both are set to. */
export interface ClassicPeers {
  readonly crypto: Crypto;
  readonly entropy: Entropy;
  readonly own: PrivateKey;
  readonly other: PublicKey;
  readonly curve: ClassicCurve;
}

/** Two people who share K_AB: C6 from A to B, C7 from B to A, in the same form. */
export interface ClassicConversation {
  /** K_AB, as raw as the paper has it. */
  readonly kAB: Uint8Array;
  seal(data: Uint8Array): Uint8Array;
  /** Throws SimppError('record-forged') for what was not sealed under K_AB; a repeated message opens again, as published. */
  open(sealed: Uint8Array): Uint8Array;
}

/** A after C3: it waits for C4. */
export interface ClassicOpening {
  readonly c3: Uint8Array;
  /** Reads C4; throws SimppError('handshake-failed') when B did not sign it. */
  next(c4: Uint8Array): ClassicConversation;
}

/** B after C4: nothing is left to wait for. */
export interface ClassicAnswer {
  readonly c4: Uint8Array;
  readonly conversation: ClassicConversation;
}

/** Begins as A: G_x, signed. */
export function openClassicConversation(peers: ClassicPeers): ClassicOpening {
  const { crypto, entropy, own } = peers;
  const x = entropy.privateKey(curveOf(peers));
  const gX = x.publicKey.bytes;
  const c3 = classicC3.encode({ curve: classicCurves.indexOf(peers.curve), gX, signature: crypto.p224.sign(own, gX) });
  return {
    c3,
    next(encoded) {
      const { curve, gY, signature } = classicC4.decode(encoded);
      return conversationOf(peers, x, checkedShare(peers, curve, gY, signature));
    },
  };
}

/** Answers as B: checks C3 and sends G_y, signed; throws SimppError('handshake-failed') when A did not sign C3. */
export function answerClassicConversation(peers: ClassicPeers, encodedC3: Uint8Array): ClassicAnswer {
  const { crypto, entropy, own } = peers;
  const { curve, gX, signature } = classicC3.decode(encodedC3);
  const share = checkedShare(peers, curve, gX, signature);
  const y = entropy.privateKey(curveOf(peers));
  const gY = y.publicKey.bytes;
  return {
    c4: classicC4.encode({ curve, gY, signature: crypto.p224.sign(own, gY) }),
    conversation: conversationOf(peers, y, share),
  };
}

/** Sealing and opening under a K_AB of 16 bytes: encrypt-then-MAC, one key for both. */
export function classicConversation(crypto: Crypto, entropy: Entropy, kAB: Uint8Array): ClassicConversation {
  return {
    kAB,
    seal(data) {
      const body = sealUnder(crypto, entropy, kAB, data);
      return classicC6.encode({ sealed: concat(body, crypto.hmacSha256(kAB, body)) });
    },
    open(encoded) {
      const { sealed } = classicC6.decode(encoded);
      const body = sealed.subarray(0, -macBytes);
      if (!equalBytes(sealed.subarray(-macBytes), crypto.hmacSha256(kAB, body))) {
        throw new SimppError('record-forged', 'a message was damaged or forged');
      }
      return openUnder(crypto, kAB, body);
    },
  };
}

function curveOf({ crypto, curve }: ClassicPeers): Curve {
  return curve === 'P-224' ? crypto.p224 : crypto.secp160r1;
}

/** The other's G, once its signature and its place on our curve are certain; a weaker curve than ours is refused. */
function checkedShare(peers: ClassicPeers, curve: number, share: Uint8Array, signature: Uint8Array): PublicKey {
  if (classicCurves[curve] !== peers.curve) {
    throw new SimppError('handshake-failed', `the contact uses another curve than ${peers.curve}`);
  }
  if (!peers.crypto.p224.verify(peers.other, share, signature)) {
    throw new SimppError('handshake-failed', 'the contact did not sign its key');
  }
  return curveOf(peers).publicKey(share);
}

function conversationOf(peers: ClassicPeers, own: PrivateKey, share: PublicKey): ClassicConversation {
  const kAB = curveOf(peers).agree(own, share).slice(0, 16);
  return classicConversation(peers.crypto, peers.entropy, kAB);
}
