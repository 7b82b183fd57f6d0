// KU_Dd and K_A = ECDH(KR_S, KU_Dd) of devices seen lately. They live in memory
// only and in bounded number: a stolen database impersonates nobody
// (docs/protocol.md §4).

import type { Curve, PrivateKey } from '../../shared/crypto/provider.ts';
import { importDevice, type DeviceKeys } from '../../shared/simpp/device-keys.ts';
import type { GatewayContext } from '../../shared/simpp/gateway.ts';

const maxDevices = 4096;

/** importDevice of KR_S, which remembers the devices that proved their keys last, and no others. */
export function rememberDevices(
  curve: Curve,
  krS: PrivateKey,
  limit = maxDevices,
): Required<Pick<GatewayContext, 'importDevice' | 'deviceProved'>> {
  const known = new Map<string, DeviceKeys>();
  const nameOf = (agreementKey: Uint8Array): string => Buffer.from(agreementKey).toString('latin1');
  return {
    importDevice: (agreementKey) => known.get(nameOf(agreementKey)) ?? importDevice(curve, krS, agreementKey),
    deviceProved(agreementKey, keys) {
      const name = nameOf(agreementKey);
      // Taken out and put back, so that the first in the map is the one unused for longest.
      known.delete(name);
      known.set(name, keys);
      for (const oldest of known.keys()) {
        if (known.size <= limit) break;
        known.delete(oldest);
      }
    },
  };
}
