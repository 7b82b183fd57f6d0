// A device certificate in the last half of its life is renewed, as long as
// KR_A is at hand; the list that names it gets the next version, and the
// directory learns both by a registration (docs/protocol.md §3, §4).

import { equalBytes } from '../../shared/bytes.ts';
import type { Crypto } from '../../shared/crypto/provider.ts';
import { certificateHash, signCertificate, signDeviceList } from '../../shared/simpp/certificate.ts';
import { certificateBody, deviceListBody, signedObject } from '../../shared/simpp/messages.ts';
import { certificateSeconds, type AccountIdentity } from './account-identity.ts';

/** The identity with a new certificate, when it is time for one and KR_A is there; `now` in seconds since 1970. */
export function renewedIdentity(identity: AccountIdentity, crypto: Crypto, now: number): AccountIdentity | undefined {
  const { krA } = identity;
  // Both objects are our own, from the sealed store.
  const old = certificateBody.decode(signedObject.decode(identity.certificate).body);
  if (krA === undefined || old.notAfter - now > certificateSeconds / 2) return undefined;
  const list = deviceListBody.decode(signedObject.decode(identity.deviceList).body);
  const certificate = signCertificate(crypto, krA, { ...old, notBefore: now, notAfter: now + certificateSeconds });
  const oldHash = certificateHash(crypto, identity.certificate);
  const others = list.certificates.filter((hash) => !equalBytes(hash, oldHash));
  const listVersion = list.version + 1;
  const deviceList = signDeviceList(crypto, krA, {
    ...list,
    version: listVersion,
    issued: now,
    certificates: [...others, certificateHash(crypto, certificate)],
  });
  return { ...identity, certificate, deviceList, listVersion, state: 'none' };
}
