// How an identity opens a channel: it registers until the gateway has said
// that it knows this device, and logs in from then on. A pending device
// registers each time, since that is how it learns that it was approved.

import type { Hello } from '../../shared/simpp/client.ts';
import type { AccountIdentity } from './account-identity.ts';

/** Registration or login, by what the directory is known to say. */
export function helloFor(identity: AccountIdentity): Hello {
  return identity.state === 'registered' ? loginHello(identity) : (registrationHello(identity) ?? loginHello(identity));
}

/** R1–R3; undefined where KR_A is not at hand to sign R3. */
export function registrationHello(identity: AccountIdentity): Hello | undefined {
  const { jid, krA, agreement, deviceList, certificate, stateEpoch } = identity;
  return krA && { kind: 'register', agreement, idA: jid, krA, deviceList, certificate, stateEpoch };
}

function loginHello(identity: AccountIdentity): Hello {
  const { jid, agreement, deviceId, listVersion, stateEpoch } = identity;
  return { kind: 'login', agreement, idA: jid, deviceId, listVersion, stateEpoch };
}
