// A's side of the classic profile: R1–R3 for an ID that is not registered yet,
// then S1–S3, message for message as published (docs/protocol.md §10).
import { concat, equalBytes, utf8 } from '../../bytes.ts';
import type { Crypto, PrivateKey, PublicKey } from '../../crypto/provider.ts';
import { SimppError } from '../../errors.ts';
import type { Entropy } from '../entropy.ts';
import type { ClientStep } from '../handshake.ts';
import { classicMasterKey, classicSession, openUnder, sealUnder } from './cipher.ts';
import {
  classicR1,
  classicR2,
  classicR2Content,
  classicR3,
  classicS1,
  classicS1Content,
  classicS2,
  classicS2Content,
  classicS3,
  classicS3Content,
} from './messages.ts';

/** What A needs: KU_S on P-224, its own KR_A, and whether ID_A must be registered first. */
export interface ClassicClientContext {
  readonly crypto: Crypto;
  readonly entropy: Entropy;
  readonly kuS: PublicKey;
  readonly krA: PrivateKey;
  readonly idA: string;
  readonly register: boolean;
}

/** Begins as A. */
export function startClassicClient(context: ClassicClientContext): ClientStep {
  const { crypto, idA, krA, kuS } = context;
  const kA = classicMasterKey(crypto, krA, kuS);
  if (!context.register) return login(context, kA, []);
  const kuA = krA.publicKey.bytes;
  return {
    kind: 'send',
    messages: [classicR1.encode({ idA, kuA })],
    next(reply) {
      const { rS, hash } = classicR2Content.decode(openUnder(crypto, kA, classicR2.decode(reply).sealed));
      checkHash(hash, crypto.sha256(concat(utf8(idA), kuA)));
      return login(context, kA, [classicR3.encode({ signature: crypto.p224.sign(krA, rS) })]);
    },
  };
}

/** S1–S3; `before` is what must be sent ahead of S1. */
function login(context: ClassicClientContext, kA: Uint8Array, before: readonly Uint8Array[]): ClientStep {
  const { crypto, entropy, idA } = context;
  const kAS = entropy.bytes(16);
  const s1 = classicS1.encode({ idA, sealed: sealUnder(crypto, entropy, kA, classicS1Content.encode({ kAS })) });
  return {
    kind: 'send',
    messages: [...before, s1],
    next(reply) {
      const { rS, hash } = classicS2Content.decode(openUnder(crypto, kA, classicS2.decode(reply).sealed));
      checkHash(hash, crypto.sha256(concat(utf8(idA), kAS)));
      const content = classicS3Content.encode({ hash: crypto.sha256(rS) });
      return {
        kind: 'established',
        messages: [classicS3.encode({ sealed: sealUnder(crypto, entropy, kAS, content) })],
        session: classicSession(crypto, entropy, kAS),
      };
    },
  };
}

function checkHash(received: Uint8Array, expected: Uint8Array): void {
  if (!equalBytes(received, expected)) {
    throw new SimppError('handshake-failed', 'the gateway answered for another identity');
  }
}
