// Whether a gateway offers what this set-up insists on. The advertised
// fingerprint is a hint: a wrong one saves a handshake that could not succeed
// and lets the person be told why; a right one proves nothing.

import { fromBase64, toBase64 } from '../../shared/bytes.ts';
import type { Crypto } from '../../shared/crypto/provider.ts';
import { SimppError } from '../../shared/errors.ts';
import { fingerprintDigits, gatewayFingerprint, type GatewayKeys } from '../../shared/simpp/fingerprint.ts';
import type { SimppOffer, StreamFeatures } from '../../shared/xmpp/features.ts';
import { formatEndpoint, type Endpoint } from '../endpoint.ts';

export interface OfferPolicy {
  readonly namespace: string;
  readonly suite: string;
  /** KU_S as pinned. */
  readonly pinned: GatewayKeys;
}

/** The offer to take up; throws SimppError when there is none that the policy allows: nothing weaker is ever tried. */
export function acceptOffer(
  crypto: Crypto,
  { simpp }: StreamFeatures,
  policy: OfferPolicy,
  endpoint: Endpoint,
): SimppOffer {
  const where = formatEndpoint(endpoint);
  const offer = simpp.find(({ namespace }) => namespace === policy.namespace);
  if (offer === undefined) {
    const other = simpp.length > 0 ? ' It offers another profile of SIMPP than this set-up asks for.' : '';
    throw new SimppError(
      'simpp-missing',
      `${where} does not offer SIMPP.${other} Either it is no SIMPP gateway, or somebody on the way removed the ` +
        'offer. No name or password was sent; a login without SIMPP is not tried.',
    );
  }
  if (!offer.suites.includes(policy.suite)) {
    throw new SimppError(
      'suite-missing',
      `${where} does not offer the suite ${policy.suite}. One side is too old, or somebody on the way changed the ` +
        'offer. Nothing weaker is tried.',
    );
  }
  const expected = gatewayFingerprint(crypto, policy.pinned);
  if (offer.fingerprint !== toBase64(expected)) throw keyChanged(where, offer.fingerprint, expected);
  return offer;
}

function keyChanged(where: string, advertised: string, expected: Uint8Array): SimppError {
  return new SimppError(
    'handshake-failed',
    `${where} has another key (${firstGroups(advertised)}) than the one of the invite ` +
      `(${fingerprintDigits(expected).slice(0, shownDigits)} …). Either the gateway's key changed: ask the ` +
      'administrator for a new invite. Or somebody stands between you and the gateway. No name or password was sent.',
  );
}

/** Four groups of five digits. */
const shownDigits = 23;

function firstGroups(advertised: string): string {
  try {
    const bytes = fromBase64(advertised);
    return bytes.length === 32 ? `${fingerprintDigits(bytes).slice(0, shownDigits)} …` : 'unreadable';
  } catch {
    return 'unreadable';
  }
}
