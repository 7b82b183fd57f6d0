// Keys and signatures of SCRAM (RFC 5802 §3), for all three hashes.
import { createHash, createHmac, pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';
import { utf8 } from '../../shared/bytes.ts';
import { SimppError } from '../../shared/errors.ts';
import { saslPrep } from '../../shared/xmpp/saslprep.ts';
import type { ScramHash } from './mechanisms.ts';

const pbkdf2Async = promisify(pbkdf2);

export const hashBytes = { sha1: 20, sha256: 32, sha512: 64 } as const satisfies Record<ScramHash, number>;

/** A hostile server could otherwise buy minutes of the machine's time with one number. */
export const maxIterations = 10_000_000;

/** What a client needs to log in without its password, bound to one salt and count. */
export interface ScramKeys {
  readonly hash: ScramHash;
  readonly salt: Uint8Array;
  readonly iterations: number;
  readonly clientKey: Uint8Array;
  readonly serverKey: Uint8Array;
}

/** What a server keeps: it can check a login with it, but not log in. */
export interface ScramVerifier {
  readonly salt: Uint8Array;
  readonly iterations: number;
  readonly storedKey: Uint8Array;
  readonly serverKey: Uint8Array;
}

export type ScramVerifiers = Readonly<Partial<Record<ScramHash, ScramVerifier>>>;

export function hashOf(hash: ScramHash, input: Uint8Array): Uint8Array {
  return new Uint8Array(createHash(hash).update(input).digest());
}

export function hmac(hash: ScramHash, key: Uint8Array, message: Uint8Array): Uint8Array {
  return new Uint8Array(createHmac(hash, key).update(message).digest());
}

export function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length !== b.length) throw new RangeError('xor of different lengths');
  return a.map((byte, at) => byte ^ b[at]!);
}

/** SaltedPassword → ClientKey, ServerKey; PBKDF2 runs in the thread pool, so the event loop stays free. */
export async function deriveKeys(
  hash: ScramHash,
  password: string,
  salt: Uint8Array,
  iterations: number,
): Promise<ScramKeys> {
  if (!Number.isSafeInteger(iterations) || iterations < 1 || iterations > maxIterations) {
    throw new SimppError('sasl-failed', `The iteration count ${iterations} is not between 1 and ${maxIterations}.`);
  }
  const prepared = utf8(saslPrep(password));
  const salted = await pbkdf2Async(prepared, salt, iterations, hashBytes[hash], hash);
  return {
    hash,
    salt,
    iterations,
    clientKey: hmac(hash, salted, utf8('Client Key')),
    serverKey: hmac(hash, salted, utf8('Server Key')),
  };
}

export function verifierOf(keys: ScramKeys): ScramVerifier {
  const { hash, salt, iterations, clientKey, serverKey } = keys;
  return { salt, iterations, storedKey: hashOf(hash, clientKey), serverKey };
}
