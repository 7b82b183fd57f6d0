// scrypt in the thread pool: a recovery phrase costs half a second, in which
// everybody else's streams must go on.

import { scrypt } from 'node:crypto';
import type { RecoveryDerivation } from '../../shared/simpp/recovery.ts';

/** The derived bytes. */
export function scryptAside({ password, salt, cost: { n, r, p }, length }: RecoveryDerivation): Promise<Uint8Array> {
  const options = { N: n, r, p, maxmem: 128 * n * r + 128 * r * p + 2 ** 20 };
  return new Promise((resolve, reject) => {
    scrypt(password, salt, length, options, (error, key) => (error ? reject(error) : resolve(new Uint8Array(key))));
  });
}
