// Secrets wrapped under a passphrase: scrypt (RFC 7914), then AES-256-GCM whose
// AAD holds the parameters. They are capped before they are used, or a swapped
// file could make the daemon eat the machine's memory (docs/protocol.md §3).
import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import { concat, utf8 } from '../../shared/bytes.ts';
import { SimppError } from '../../shared/errors.ts';

export interface ScryptCost {
  readonly n: number;
  readonly r: number;
  readonly p: number;
}

/** 128 MiB and a few tenths of a second. */
export const defaultCost: ScryptCost = { n: 2 ** 17, r: 8, p: 1 };

const maxCost: ScryptCost = { n: 2 ** 20, r: 16, p: 4 };
const maxMemoryBytes = 2 ** 30;

export interface WrappedSecret {
  readonly cost: ScryptCost;
  /** 16 bytes. */
  readonly salt: Uint8Array;
  /** Nonce ‖ ciphertext ‖ tag. */
  readonly sealed: Uint8Array;
}

function checkCost({ n, r, p }: ScryptCost): void {
  const whole = [n, r, p].every((value) => Number.isSafeInteger(value) && value >= 1);
  const isPower = whole && n >= 2 && 2 ** Math.round(Math.log2(n)) === n;
  const capped = n <= maxCost.n && r <= maxCost.r && p <= maxCost.p && 128 * n * r <= maxMemoryBytes;
  if (!isPower || !capped) {
    throw new SimppError('keystore-locked', 'The scrypt parameters of the keystore are outside what is allowed.');
  }
}

async function wrappingKey(passphrase: string, salt: Uint8Array, { n, r, p }: ScryptCost): Promise<Uint8Array> {
  const secret = utf8(passphrase.normalize('NFKC'));
  // scrypt itself needs 128·N·r and some; node refuses by default what takes more than 32 MiB.
  const options = { N: n, r, p, maxmem: 128 * n * r + 128 * r * p + 2 ** 20 };
  return new Promise((resolve, reject) => {
    scrypt(secret, salt, 32, options, (error, key) => (error ? reject(error) : resolve(key)));
  });
}

function parameters(purpose: string, { n, r, p }: ScryptCost, salt: Uint8Array): Uint8Array {
  return concat(utf8(`simpp-passphrase/${purpose}`), Uint8Array.of(0), utf8(`${n},${r},${p},`), salt);
}

/** Seals a secret under a passphrase; `purpose` keeps one wrapped secret from standing in for another. */
export async function wrapSecret(
  purpose: string,
  secret: Uint8Array,
  passphrase: string,
  cost: ScryptCost = defaultCost,
): Promise<WrappedSecret> {
  checkCost(cost);
  if (passphrase === '') throw new SimppError('usage', 'The passphrase is empty.');
  const salt = new Uint8Array(randomBytes(16));
  const nonce = new Uint8Array(randomBytes(12));
  const cipher = createCipheriv('aes-256-gcm', await wrappingKey(passphrase, salt, cost), nonce);
  cipher.setAAD(parameters(purpose, cost, salt));
  const sealed = concat(nonce, cipher.update(secret), cipher.final(), cipher.getAuthTag());
  return { cost, salt, sealed };
}

/** The secret; throws SimppError('keystore-locked') on a wrong passphrase, changed parameters or a damaged secret. */
export async function unwrapSecret(purpose: string, wrapped: WrappedSecret, passphrase: string): Promise<Uint8Array> {
  const { cost, salt, sealed } = wrapped;
  checkCost(cost);
  if (salt.length !== 16 || sealed.length < 12 + 16) {
    throw new SimppError('keystore-locked', 'The wrapped secret is damaged.');
  }
  const key = await wrappingKey(passphrase, salt, cost);
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12), { authTagLength: 16 });
  decipher.setAAD(parameters(purpose, cost, salt));
  decipher.setAuthTag(sealed.subarray(-16));
  try {
    return concat(decipher.update(sealed.subarray(12, -16)), decipher.final());
  } catch (error) {
    throw new SimppError('keystore-locked', 'The passphrase is wrong, or the keystore is damaged.', { cause: error });
  }
}
