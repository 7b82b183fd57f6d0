// S's side of registration and login in profile simpp-2 (docs/protocol.md §5).
// Cheap checks come first; a login that is unknown, wrong or revoked runs the
// same way to its end and is refused there, so that it costs and answers the
// same (§5.5). Nothing before S3 or R3 has a side effect.
import { equalBytes } from '../bytes.ts';
import { decodeOneOf } from '../codec/message.ts';
import type { Crypto, PrivateKey, PublicKey } from '../crypto/provider.ts';
import { SimppError } from '../errors.ts';
import { isAccountOf } from './account-id.ts';
import { certificateHash, openListedDevice } from './certificate.ts';
import type { DeviceKeys } from './device-keys.ts';
import type { Entropy } from './entropy.ts';
import type { Claim, GatewayStep, KnownDevice } from './handshake.ts';
import { g1, m1, m2, m3, r1, r2, r3, s1, s2, s3, type R1, type S1 } from './messages.ts';
import { decryptAndHash, encryptAndHash, mixHash, mixKey, noiseNonce, type SymmetricState } from './noise.ts';
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

/** What S needs. */
export interface GatewayContext extends HandshakeContext {
  readonly crypto: Crypto;
  readonly entropy: Entropy;
  /** The agreement half of KR_S. */
  readonly krS: PrivateKey;
  /** importDevice of KR_S; the host may keep a bounded cache of its results in memory. */
  importDevice(agreementKey: Uint8Array): DeviceKeys;
  /** Message 1 has shown that its sender has the key of a device which may log in: worth a place in such a cache. */
  deviceProved?(agreementKey: Uint8Array, keys: DeviceKeys): void;
  /** Whether channels without an identity are allowed. */
  readonly allowGuests: boolean;
  /** In an enrolment, the JID that the server bound: any other ID_A is refused (§6.2). */
  readonly boundJid?: string;
  /** Seconds since 1970. */
  now(): number;
}

/** Begins a handshake as S. */
export function startGateway(context: GatewayContext): GatewayStep {
  return { kind: 'read', next: (message) => readFirst(context, message) };
}

function readFirst(context: GatewayContext, encoded: Uint8Array): GatewayStep {
  const { crypto, krS } = context;
  const message = m1.decode(encoded);
  const e = crypto.p256.publicKey(message.e);
  let state = mixHash(crypto, begin(crypto, context, krS.publicKey.bytes), message.e);
  state = mixKey(crypto, state, crypto.p256.agree(krS, e)); // es
  const [e1, afterE1] = decryptAndHash(crypto, state, message.e1);
  const [s, afterS] = decryptAndHash(crypto, afterE1, message.s);
  return {
    kind: 'find-device',
    agreementKey: s,
    next(device) {
      const keys = context.importDevice(s);
      const { kuDd, kA } = keys;
      const [payload, afterM1] = decryptAndHash(
        crypto,
        mixKey(crypto, afterS, kA), // ss
        message.payload,
      );
      const opening = readOpening(context, payload, kuDd, device);
      // Not earlier: strangers' keys would push out those of the people who log in.
      if (opening.kind === 'login' && opening.allowed) context.deviceProved?.(s, keys);
      return answer(context, afterM1, { e, e1, kuDd }, opening);
    },
  };
}

/** What message 1 asked for, and whether it may have it. */
type Opening =
  | { readonly kind: 'guest'; readonly allowed: boolean }
  | { readonly kind: 'login'; readonly allowed: boolean; readonly s1: S1; readonly kuDd: PublicKey }
  | { readonly kind: 'register'; readonly allowed: boolean; readonly r1: R1; readonly claim: Claim };

function readOpening(
  context: GatewayContext,
  payload: Uint8Array,
  kuDd: PublicKey,
  device: KnownDevice | undefined,
): Opening {
  const opening = decodeOneOf([g1, s1, r1], payload);
  const mayBe = (idA: string): boolean => context.boundJid === undefined || context.boundJid === idA;
  switch (opening.name) {
    case 'G1':
      return { kind: 'guest', allowed: context.allowGuests };
    case 'S1': {
      const { idA, deviceId } = opening.values;
      const isListed = device !== undefined && device.jid === idA && equalBytes(device.deviceId, deviceId);
      const allowed = isListed && mayBe(idA) && isAccountOf(context.domain, idA);
      return { kind: 'login', allowed, s1: opening.values, kuDd };
    }
    case 'R1':
      return {
        kind: 'register',
        allowed: mayBe(opening.values.idA),
        r1: opening.values,
        claim: checkRegistration(context, opening.values, kuDd),
      };
  }
}

/** §5.4: the certificate and the list are KU_A's, name each other and this key; ID_A is of this domain. */
function checkRegistration(context: GatewayContext, values: R1, kuDd: PublicKey): Claim {
  const { crypto, domain } = context;
  const kuA = crypto.p256.publicKey(values.kuA);
  const { certificate, list } = openListedDevice(crypto, kuA, values.certificate, values.deviceList, context.now());
  crypto.p256.publicKey(certificate.kuDs);
  const { idA } = values;
  if (certificate.jid !== idA || !equalBytes(certificate.kuDd, kuDd.bytes) || !isAccountOf(domain, idA)) {
    throw new SimppError('handshake-failed', 'a registration does not fit its channel');
  }
  return {
    kind: 'registration',
    jid: idA,
    registration: {
      jid: idA,
      kuA: values.kuA,
      listVersion: list.version,
      listIssued: list.issued,
      deviceList: values.deviceList,
      certificateNames: list.certificates,
      deviceId: certificate.deviceId,
      kuDs: certificate.kuDs,
      kuDd: certificate.kuDd,
      certificate: values.certificate,
      certificateName: certificateHash(crypto, values.certificate),
      notAfter: certificate.notAfter,
      stateEpoch: values.stateEpoch,
    },
  };
}

interface PeerKeys {
  readonly e: PublicKey;
  readonly e1: Uint8Array;
  readonly kuDd: PublicKey;
}

function answer(context: GatewayContext, afterM1: SymmetricState, peer: PeerKeys, opening: Opening): GatewayStep {
  const { crypto, entropy } = context;
  const e = entropy.privateKey(crypto.p256);
  let state = mixHash(crypto, afterM1, e.publicKey.bytes);
  state = mixKey(crypto, state, crypto.p256.agree(e, peer.e)); // ee
  const { ciphertext, secret } = entropy.encapsulate(crypto.mlKem768.encapsulationKey(peer.e1));
  const [ekem1, afterKem] = encryptAndHash(crypto, state, ciphertext);
  state = mixKey(crypto, mixKey(crypto, afterKem, secret), crypto.p256.agree(e, peer.kuDd)); // ekem1, se
  const kAS = deriveKAS(crypto, state);
  const rS = entropy.bytes(32);
  const [payload, final] = encryptAndHash(crypto, state, secondPayload(crypto, opening, rS, kAS));
  const message = m2.encode({ e: e.publicKey.bytes, ekem1, payload });
  if (!opening.allowed) return { kind: 'refused' };

  return {
    kind: 'send',
    message,
    next(reply) {
      const sealed = m3.decode(reply).payload;
      const proof = crypto.aes256Gcm.open(confirmationKey(crypto, final), noiseNonce(0), final.h, sealed);
      if (proof === undefined || !proves(crypto, opening, proof, rS, final)) return { kind: 'refused' };
      return { kind: 'established', session: deriveSession(crypto, final, kAS), claim: claimOf(opening) };
    },
  };
}

function secondPayload(crypto: Crypto, opening: Opening, rS: Uint8Array, kAS: Uint8Array): Uint8Array {
  switch (opening.kind) {
    case 'guest':
      return s2.encode({ rS, hash: hashIdKAS(crypto, '', kAS) });
    case 'login':
      return s2.encode({ rS, hash: hashIdKAS(crypto, opening.s1.idA, kAS) });
    case 'register':
      return r2.encode({ rS, hash: hashIdKuA(crypto, opening.r1.idA, opening.r1.kuA) });
  }
}

/** Whether message 3 is the S3 or R3 that the opening calls for. */
function proves(crypto: Crypto, opening: Opening, proof: Uint8Array, rS: Uint8Array, final: SymmetricState): boolean {
  if (opening.kind === 'register') {
    const kuA = crypto.p256.publicKey(opening.r1.kuA);
    return crypto.p256.verify(kuA, signedR3(rS, final), r3.decode(proof).signature);
  }
  return equalBytes(s3.decode(proof).hash, hashRS(crypto, rS));
}

function claimOf(opening: Opening): Claim {
  switch (opening.kind) {
    case 'guest':
      return { kind: 'guest' };
    case 'login':
      return {
        kind: 'login',
        jid: opening.s1.idA,
        deviceId: opening.s1.deviceId,
        kuDd: opening.kuDd.bytes,
        stateEpoch: opening.s1.stateEpoch,
      };
    case 'register':
      return opening.claim;
  }
}
