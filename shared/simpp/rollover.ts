// The old KR_A names the next KU_A (docs/protocol.md §9.1, reset). It never
// makes the next one verified: it says only that both have one owner.
import type { Crypto, PrivateKey } from '../crypto/provider.ts';
import { SimppError } from '../errors.ts';
import { rolloverBody, type RolloverBody } from './end-to-end-messages.ts';
import { signedObject } from './messages.ts';
import { openBody, signBody } from './signed.ts';

/** Names the next KU_A, signed by the old KR_A in context reset. */
export function signRollover(crypto: Crypto, krA: PrivateKey, values: RolloverBody): Uint8Array {
  return signBody(crypto, krA, 'reset', rolloverBody, values);
}

/** A rollover of this bare JID, signed by the KU_A that it replaces; throws SimppError when it is not. */
export function openRollover(crypto: Crypto, jid: string, encoded: Uint8Array): RolloverBody {
  const claimed = rolloverBody.decode(signedObject.decode(encoded).body);
  const { values } = openBody(crypto, crypto.p256.publicKey(claimed.kuA), 'reset', rolloverBody, encoded);
  if (values.jid !== jid) throw new SimppError('handshake-failed', 'a rollover is of another JID');
  crypto.p256.publicKey(values.nextKuA); // §9.1: every point
  return values;
}
