// What S makes of the agreement key that a device shows in message 1
// (docs/protocol.md §5.2). The host may remember it, in memory only.
import type { Curve, PrivateKey, PublicKey } from '../crypto/provider.ts';

/** KU_Dd and the K_A that goes with it. */
export interface DeviceKeys {
  readonly kuDd: PublicKey;
  /** K_A = ECDH(KR_S, KU_Dd). */
  readonly kA: Uint8Array;
}

/** The keys of the device with this agreement key; throws SimppError('invalid-point') for what is none. */
export function importDevice(curve: Curve, krS: PrivateKey, agreementKey: Uint8Array): DeviceKeys {
  const kuDd = curve.publicKey(agreementKey);
  return { kuDd, kA: curve.agree(krS, kuDd) };
}
