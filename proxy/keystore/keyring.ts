// The operating system's keyring, through the optional package @napi-rs/keyring.
import { SimppError } from '../../shared/errors.ts';

/** Where the keyring variant keeps its key. */
export interface Keyring {
  get(account: string): Promise<Uint8Array | undefined>;
  set(account: string, secret: Uint8Array): Promise<void>;
}

const service = 'simpp';

function unavailable(error: unknown): SimppError {
  return new SimppError(
    'keystore-locked',
    "The system's keyring cannot be used: it is locked, or this session has none (a server without a desktop). " +
      'Use the keystore kind "file" (a key file only you can read) or "passphrase" instead.',
    { cause: error },
  );
}

/** The keyring of this session; every failure is a SimppError('keystore-locked') that names the alternatives. */
export function systemKeyring(): Keyring {
  const entry = async (account: string) => {
    const { AsyncEntry } = await import('@napi-rs/keyring');
    // Pinned: the default falls back to the kernel's keyring, which forgets the key at the next boot.
    return new AsyncEntry(service, account, { linux: { store: 'secret-service' } });
  };
  return {
    async get(account) {
      try {
        const secret = await (await entry(account)).getSecret();
        return secret === null ? undefined : Uint8Array.from(secret);
      } catch (error) {
        throw unavailable(error);
      }
    },
    async set(account, secret) {
      try {
        await (await entry(account)).setSecret(secret);
      } catch (error) {
        throw unavailable(error);
      }
    },
  };
}
