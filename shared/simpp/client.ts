// A's side of registration and login in profile simpp-2 (docs/protocol.md §5):
//   -> e, es, e1, s, ss   carrying G1, S1 or R1
//   <- e, ee, ekem1, se   carrying S2 or R2
//   -> S3 or R3 under the confirmation key
import { equalBytes } from '../bytes.ts';
import type { Crypto, PrivateKey, PublicKey } from '../crypto/provider.ts';
import { SimppError } from '../errors.ts';
import type { Entropy } from './entropy.ts';
import type { ClientStep } from './handshake.ts';
import { g1, m1, m2, m3, r1, r2, r3, s1, s2, s3 } from './messages.ts';
import { decryptAndHash, encryptAndHash, mixHash, mixKey, noiseNonce } from './noise.ts';
import {
  begin,
  confirmationKey,
  deriveKAS,
  deriveSession,
  hashIdKAS,
  hashIdKuA,
  hashRS,
  signedR3,
  type HandshakeContext,
} from './transcript.ts';

/** What A opens a channel as; `agreement` is KR_Dd, or the installation's key of a guest. */
export type Hello =
  | { readonly kind: 'guest'; readonly agreement: PrivateKey }
  | {
      readonly kind: 'login';
      readonly agreement: PrivateKey;
      readonly idA: string;
      readonly deviceId: Uint8Array;
      readonly listVersion: number;
      readonly stateEpoch: number;
    }
  | {
      readonly kind: 'register';
      readonly agreement: PrivateKey;
      readonly idA: string;
      readonly krA: PrivateKey;
      readonly deviceList: Uint8Array;
      readonly certificate: Uint8Array;
      readonly stateEpoch: number;
    };

/** What A needs besides the hello. `kuS` is the pinned agreement half of KU_S. */
export interface ClientContext extends HandshakeContext {
  readonly crypto: Crypto;
  readonly entropy: Entropy;
  readonly kuS: PublicKey;
}

/** Begins a handshake as A. */
export function startClient(context: ClientContext, hello: Hello): ClientStep {
  const { crypto, entropy, kuS } = context;
  const { p256, mlKem768 } = crypto;

  const e = entropy.privateKey(p256);
  const e1 = entropy.decapsulationKey();
  let state = mixHash(crypto, begin(crypto, context, kuS.bytes), e.publicKey.bytes);
  state = mixKey(crypto, state, p256.agree(e, kuS)); // es
  const [sealedE1, afterE1] = encryptAndHash(crypto, state, e1.encapsulationKey.bytes);
  const [sealedS, afterS] = encryptAndHash(crypto, afterE1, hello.agreement.publicKey.bytes);
  state = mixKey(crypto, afterS, p256.agree(hello.agreement, kuS)); // ss = K_A
  const [payload, afterM1] = encryptAndHash(crypto, state, firstPayload(hello));
  const first = m1.encode({ e: e.publicKey.bytes, e1: sealedE1, s: sealedS, payload });

  return {
    kind: 'send',
    messages: [first],
    next(reply) {
      const message = m2.decode(reply);
      const eS = p256.publicKey(message.e);
      let answer = mixHash(crypto, afterM1, message.e);
      answer = mixKey(crypto, answer, p256.agree(e, eS)); // ee
      const [ciphertext, afterCiphertext] = decryptAndHash(crypto, answer, message.ekem1);
      answer = mixKey(crypto, afterCiphertext, mlKem768.decapsulate(e1, ciphertext)); // ekem1
      answer = mixKey(crypto, answer, p256.agree(hello.agreement, eS)); // se
      const kAS = deriveKAS(crypto, answer);
      const [secondPayload, final] = decryptAndHash(crypto, answer, message.payload);
      const proof = thirdPayload(crypto, hello, secondPayload, kAS, (rS) => signedR3(rS, final));
      const sealed = crypto.aes256Gcm.seal(confirmationKey(crypto, final), noiseNonce(0), final.h, proof);
      return {
        kind: 'established',
        messages: [m3.encode({ payload: sealed })],
        session: deriveSession(crypto, final, kAS),
      };
    },
  };
}

function firstPayload(hello: Hello): Uint8Array {
  switch (hello.kind) {
    case 'guest':
      return g1.encode({});
    case 'login':
      return s1.encode(hello);
    case 'register':
      return r1.encode({ ...hello, kuA: hello.krA.publicKey.bytes });
  }
}

/** Checks S2 or R2 and answers it with S3 or R3. */
function thirdPayload(
  crypto: Crypto,
  hello: Hello,
  payload: Uint8Array,
  kAS: Uint8Array,
  toSign: (rS: Uint8Array) => Uint8Array,
): Uint8Array {
  if (hello.kind === 'register') {
    const { rS, hash } = r2.decode(payload);
    checkHash(hash, hashIdKuA(crypto, hello.idA, hello.krA.publicKey.bytes));
    return r3.encode({ signature: crypto.p256.sign(hello.krA, toSign(rS)) });
  }
  const { rS, hash } = s2.decode(payload);
  checkHash(hash, hashIdKAS(crypto, hello.kind === 'login' ? hello.idA : '', kAS));
  return s3.encode({ hash: hashRS(crypto, rS) });
}

function checkHash(received: Uint8Array, expected: Uint8Array): void {
  if (!equalBytes(received, expected))
    throw new SimppError('handshake-failed', 'the gateway answered for another identity');
}
