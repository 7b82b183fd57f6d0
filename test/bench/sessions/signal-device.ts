// A device of libsignal: its stores, what it offers to be written to, and what
// it seals and opens.
import { randomUUID } from 'node:crypto';

import {
  IdentityKeyPair,
  KEMKeyPair,
  KEMPublicKey,
  KyberPreKeyRecord,
  PreKeyBundle,
  PreKeyRecord,
  PreKeySignalMessage,
  PrivateKey,
  processPreKeyBundle,
  ProtocolAddress,
  PublicKey,
  signalDecrypt,
  signalDecryptPreKey,
  signalEncrypt,
  SignalMessage,
  SignedPreKeyRecord,
} from '@signalapp/libsignal-client';
import {
  MemoryIdentities,
  MemoryKyberPreKeys,
  MemoryPreKeys,
  MemorySessions,
  MemorySignedPreKeys,
} from './signal-stores.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** A pre-key bundle as a server gives it. */
export interface SignalOffer {
  readonly id: number;
  readonly registrationId: number;
  readonly identity: Bytes;
  readonly oneTime: Bytes;
  readonly signed: Bytes;
  readonly signedSignature: Bytes;
  readonly kyber: Bytes;
  readonly kyberSignature: Bytes;
}

let lastRegistrationId = 0;

export class SignalDevice {
  readonly address = ProtocolAddress.new(randomUUID(), 1);
  readonly #own = IdentityKeyPair.generate();
  readonly #registrationId = ++lastRegistrationId;
  readonly #identities = new MemoryIdentities(this.#own, this.#registrationId);
  readonly #preKeys = new MemoryPreKeys();
  readonly #signedPreKeys = new MemorySignedPreKeys();
  readonly #kyberPreKeys = new MemoryKyberPreKeys();
  readonly #sessions: MemorySessions;
  #lastId = 0;

  constructor(sessions: MemorySessions = new MemorySessions()) {
    this.#sessions = sessions;
  }

  async offer(): Promise<SignalOffer> {
    const id = ++this.#lastId;
    const oneTime = PrivateKey.generate();
    const signed = PrivateKey.generate();
    const kyber = KEMKeyPair.generate();
    const { privateKey, publicKey } = this.#own;
    const publics = {
      oneTime: oneTime.getPublicKey().serialize(),
      signed: signed.getPublicKey().serialize(),
      kyber: kyber.getPublicKey().serialize(),
    };
    const signedSignature = privateKey.sign(publics.signed);
    const kyberSignature = privateKey.sign(publics.kyber);
    const at = Date.now();
    await this.#preKeys.savePreKey(id, PreKeyRecord.new(id, oneTime.getPublicKey(), oneTime));
    const record = SignedPreKeyRecord.new(id, at, signed.getPublicKey(), signed, signedSignature);
    await this.#signedPreKeys.saveSignedPreKey(id, record);
    await this.#kyberPreKeys.saveKyberPreKey(id, KyberPreKeyRecord.new(id, at, kyber, kyberSignature));
    const identity = publicKey.serialize();
    return { id, registrationId: this.#registrationId, identity, ...publics, signedSignature, kyberSignature };
  }

  /** Reads what `peer` offers and begins a session. */
  async begin(peer: ProtocolAddress, offer: SignalOffer): Promise<void> {
    const { id, registrationId } = offer;
    const bundle = PreKeyBundle.new(
      registrationId,
      peer.deviceId(),
      id,
      PublicKey.deserialize(offer.oneTime),
      id,
      PublicKey.deserialize(offer.signed),
      offer.signedSignature,
      PublicKey.deserialize(offer.identity),
      id,
      KEMPublicKey.deserialize(offer.kyber),
      offer.kyberSignature,
    );
    await processPreKeyBundle(bundle, peer, this.address, this.#sessions, this.#identities);
  }

  async encrypt(peer: ProtocolAddress, text: Bytes): Promise<Bytes> {
    return (await signalEncrypt(text, peer, this.address, this.#sessions, this.#identities)).serialize();
  }

  async decryptFirst(peer: ProtocolAddress, message: Bytes): Promise<void> {
    const decoded = PreKeySignalMessage.deserialize(message);
    const keys = [this.#preKeys, this.#signedPreKeys, this.#kyberPreKeys] as const;
    await signalDecryptPreKey(decoded, peer, this.address, this.#sessions, this.#identities, ...keys);
  }

  async decrypt(peer: ProtocolAddress, message: Bytes): Promise<void> {
    const decoded = SignalMessage.deserialize(message);
    await signalDecrypt(decoded, peer, this.address, this.#sessions, this.#identities);
  }
}
