// The verifiers that the client leg checks logins against: made from a
// password, kept sealed, and made up for users that do not exist.
import { createHmac } from 'node:crypto';
import { concat, equalBytes, fromBase64, fromUtf8, toBase64, utf8 } from '../../shared/bytes.ts';
import { SimppError } from '../../shared/errors.ts';
import type { ScramHash } from './mechanisms.ts';
import {
  deriveKeys,
  hashBytes,
  maxIterations,
  verifierOf,
  type ScramVerifier,
  type ScramVerifiers,
} from './scram-keys.ts';

export const saltBytes = 16;

/** RFC 7677 §4 asks for at least 4096; clients that log in often pay for each more. */
export const defaultIterations = 10_000;

const hashes = Object.keys(hashBytes) as ScramHash[]; // as: the table's own keys

/** Verifiers for all three hashes; `salt` has 16 bytes. */
export async function makeVerifiers(
  password: string,
  salt: Uint8Array,
  iterations: number = defaultIterations,
): Promise<ScramVerifiers> {
  const made = await Promise.all(
    hashes.map(async (hash) => [hash, verifierOf(await deriveKeys(hash, password, salt, iterations))] as const),
  );
  return Object.fromEntries(made);
}

/** What stands in for the verifiers of unknown users: a secret of this installation and the usual count. */
export interface FakeVerifiers {
  readonly secret: Uint8Array;
  readonly iterations: number;
}

/** A verifier that looks like a real one, the same for a name each time; no password fits it. */
export function fakeVerifier(fake: FakeVerifiers, hash: ScramHash, username: string): ScramVerifier {
  const derive = (what: string, bytes: number): Uint8Array =>
    new Uint8Array(
      createHmac('sha512', fake.secret)
        .update(concat(utf8(`simpp fake ${what}`), Uint8Array.of(0), utf8(username)))
        .digest()
        .subarray(0, bytes),
    );
  return {
    // One salt for all hashes, as makeVerifiers does.
    salt: derive('salt', saltBytes),
    iterations: fake.iterations,
    storedKey: derive('stored key', hashBytes[hash]),
    serverKey: derive('server key', hashBytes[hash]),
  };
}

/** Whether a password in clear fits one of the verifiers; the strongest that is there decides. */
export async function passwordFits(
  password: string,
  username: string,
  verifiers: ScramVerifiers | undefined,
  fake: FakeVerifiers,
): Promise<boolean> {
  const hash = hashes.findLast((each) => verifiers?.[each] !== undefined) ?? 'sha512';
  const verifier = verifiers?.[hash];
  // An unknown user costs the same work, so that time tells nothing.
  const { salt, iterations, storedKey } = verifier ?? fakeVerifier(fake, hash, username);
  try {
    const derived = verifierOf(await deriveKeys(hash, password, salt, iterations));
    return equalBytes(derived.storedKey, storedKey) && verifier !== undefined;
  } catch (error) {
    // A password that PRECIS does not allow fits nothing.
    if (error instanceof SimppError && error.code === 'sasl-failed') return false;
    throw error;
  }
}

export function encodeVerifiers(verifiers: ScramVerifiers): Uint8Array {
  const rows = Object.entries(verifiers).map(([hash, { salt, iterations, storedKey, serverKey }]) => [
    hash,
    toBase64(salt),
    iterations,
    toBase64(storedKey),
    toBase64(serverKey),
  ]);
  return utf8(JSON.stringify(rows));
}

function decodeRow(row: unknown): readonly [ScramHash, ScramVerifier] {
  const [hash, salt, iterations, storedKey, serverKey] = row as [ScramHash, string, number, string, string]; // as: checked next
  const verifier = {
    salt: fromBase64(salt),
    iterations,
    storedKey: fromBase64(storedKey),
    serverKey: fromBase64(serverKey),
  };
  const lengths = [verifier.storedKey.length, verifier.serverKey.length];
  if (!Number.isSafeInteger(iterations) || iterations < 1 || iterations > maxIterations) throw new RangeError('count');
  if (!hashes.includes(hash) || lengths.some((length) => length !== hashBytes[hash])) throw new RangeError('hash');
  return [hash, verifier];
}

/** Verifiers as they were encoded; throws SimppError('storage-failed') on anything else. */
export function decodeVerifiers(bytes: Uint8Array): ScramVerifiers {
  try {
    const rows: unknown = JSON.parse(fromUtf8(bytes));
    if (!Array.isArray(rows)) throw new TypeError('not a list');
    return Object.fromEntries(rows.map(decodeRow));
  } catch (error) {
    throw new SimppError('storage-failed', 'The stored login verifiers cannot be read.', { cause: error });
  }
}
