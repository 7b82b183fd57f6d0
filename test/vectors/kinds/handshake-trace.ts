// A handshake by the letter of docs/protocol.md §5, straight through, with its
// inner values. It must give the messages of the state machines, whose oracle
// it is; and it seals whatever it is told to, so that a case can lie.
import { ml_kem768 } from '@noble/post-quantum/ml-kem.js';
import { utf8 } from '../../../shared/bytes.ts';
import { nobleCrypto as crypto } from '../../../shared/crypto/noble.ts';
import type { Hello } from '../../../shared/simpp/client.ts';
import { labelled } from '../../../shared/simpp/labels.ts';
import { g1, m1, m2, m3, r1, r2, r3, s1, s2, s3 } from '../../../shared/simpp/messages.ts';
import { encryptAndHash, initialize, mixHash, mixKey, noiseNonce } from '../../../shared/simpp/noise.ts';
import { protocolName, suite } from '../../../shared/simpp/transcript.ts';
import { bytesOf, valuesOf, type Values } from '../vector.ts';
import { contextOf, helloOf } from './handshake-setting.ts';

/** Plaintexts that are sealed in place of the right ones; they take part in the transcript as these would. */
export interface Forged {
  readonly e1?: Uint8Array;
  readonly s?: Uint8Array;
  readonly payload1?: Uint8Array;
  readonly payload2?: Uint8Array;
  readonly payload3?: Uint8Array;
}

export function trace(inputs: Values, forged: Forged = {}) {
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
  const [e1, afterE1] = encryptAndHash(crypto, state, forged.e1 ?? kem.encapsulationKey.bytes);
  const [s, afterS] = encryptAndHash(crypto, afterE1, forged.s ?? hello.agreement.publicKey.bytes);
  const kA = p256.agree(hello.agreement, krS.publicKey);
  const payload1 = forged.payload1 ?? firstPayload(hello);
  const [sealed1, afterM1] = encryptAndHash(crypto, mixKey(crypto, afterS, kA), payload1);

  state = mixKey(crypto, mixHash(crypto, afterM1, eS.publicKey.bytes), p256.agree(eS, eA.publicKey));
  const { cipherText, sharedSecret } = ml_kem768.encapsulate(kem.encapsulationKey.bytes, bytesOf(fixed, 'kemMessage'));
  const [ekem1, afterKem] = encryptAndHash(crypto, state, cipherText);
  state = mixKey(crypto, mixKey(crypto, afterKem, sharedSecret), p256.agree(eS, hello.agreement.publicKey));
  const h2 = state.h;
  const { ck } = state;
  const kAS = crypto.hkdfExpand(ck, labelled('k-as', h2), 32);
  const payload2 = forged.payload2 ?? secondPayload(hello, rS, kAS);
  const [sealed2, afterM2] = encryptAndHash(crypto, state, payload2);
  const h3 = afterM2.h;

  const confirmationKey = crypto.hkdfExpand(ck, labelled('confirm', h3), 32);
  const payload3 = forged.payload3 ?? thirdPayload(hello, rS, h3);
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

function secondPayload(hello: Hello, rS: Uint8Array, kAS: Uint8Array): Uint8Array {
  if (hello.kind === 'register') {
    const { idA, krA } = hello;
    return r2.encode({ rS, hash: crypto.sha256(labelled('h-id-ku', utf8(idA), krA.publicKey.bytes)) });
  }
  const idA = hello.kind === 'guest' ? '' : hello.idA;
  return s2.encode({ rS, hash: crypto.sha256(labelled('h-id-kas', utf8(idA), kAS)) });
}

function thirdPayload(hello: Hello, rS: Uint8Array, h3: Uint8Array): Uint8Array {
  return hello.kind === 'register'
    ? r3.encode({ signature: crypto.p256.sign(hello.krA, labelled('R3', rS, h3)) })
    : s3.encode({ hash: crypto.sha256(labelled('h-rs', rS)) });
}
