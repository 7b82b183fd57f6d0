// K_A = ECDH(KR_S, KU_Dd) of devices seen lately. It lives in memory only and
// in bounded number: a stolen database impersonates nobody (docs/protocol.md §4).

import { toHex } from '../../shared/bytes.ts';
import type { Curve, PrivateKey, PublicKey } from '../../shared/crypto/provider.ts';

const maxKeys = 4096;

/** A function that computes K_A and remembers the ones used last. */
export function rememberMasterKeys(curve: Curve, krS: PrivateKey, limit = maxKeys): (kuDd: PublicKey) => Uint8Array {
  const known = new Map<string, Uint8Array>();
  return (kuDd) => {
    const name = toHex(kuDd.bytes);
    const kA = known.get(name) ?? curve.agree(krS, kuDd);
    // Taken out and put back, so that the first in the map is the one unused for longest.
    known.delete(name);
    known.set(name, kA);
    for (const oldest of known.keys()) {
      if (known.size <= limit) break;
      known.delete(oldest);
    }
    return kA;
  };
}
