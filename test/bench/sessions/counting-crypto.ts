// How many operations something takes: a provider that counts what it is asked.
import type { Crypto } from '../../../shared/crypto/provider.ts';

const hashBytes = 32;

export type Operation = 'key pair' | 'ECDH' | 'signature' | 'check' | 'point' | 'KEM' | 'HMAC' | 'SHA-256' | 'AES-GCM';

export interface CountingCrypto {
  readonly crypto: Crypto;
  /** Counts since the last call, divided by `by`, as a text: `2 ECDH, 14 HMAC`. */
  taken(by: number): string;
}

export function countingCrypto(crypto: Crypto): CountingCrypto {
  const counts = new Map<Operation, number>();
  const count = (operation: Operation, times = 1): void => {
    counts.set(operation, (counts.get(operation) ?? 0) + times);
  };
  /** The function, counted. */
  const counted =
    <A extends readonly unknown[], R>(operation: Operation, work: (...args: A) => R) =>
    (...args: A): R => {
      count(operation);
      return work(...args);
    };
  const { p256, mlKem768, aes256Gcm, hkdf, hkdfExpand } = crypto;
  return {
    crypto: {
      ...crypto,
      p256: {
        ...p256,
        generate: counted('key pair', p256.generate),
        agree: counted('ECDH', p256.agree),
        sign: counted('signature', p256.sign),
        verify: counted('check', p256.verify),
        publicKey: counted('point', p256.publicKey),
      },
      mlKem768: {
        ...mlKem768,
        encapsulate: counted('KEM', mlKem768.encapsulate),
        decapsulate: counted('KEM', mlKem768.decapsulate),
      },
      aes256Gcm: {
        ...aes256Gcm,
        seal: counted('AES-GCM', aes256Gcm.seal),
        open: counted('AES-GCM', aes256Gcm.open),
      },
      sha256: counted('SHA-256', crypto.sha256),
      hmacSha256: counted('HMAC', crypto.hmacSha256),
      hkdf(salt, ikm, info, length) {
        count('HMAC', 1 + Math.ceil(length / hashBytes));
        return hkdf(salt, ikm, info, length);
      },
      hkdfExpand(prk, info, length) {
        count('HMAC', Math.ceil(length / hashBytes));
        return hkdfExpand(prk, info, length);
      },
    },
    taken(by) {
      const text = [...counts].map(([operation, times]) => `${round(times / by)} ${operation}`).join(', ');
      counts.clear();
      return text;
    },
  };
}

const round = (value: number): string => String(Math.round(value * 100) / 100);
