// Registrations for the tests of the directory: what matters to a test is
// given, everything else is random.
import { randomBytes } from 'node:crypto';
import type { Registration } from '../../../proxy/gateway/directory/directory.ts';

export const bytes = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

export const jid = 'romeo@example.test';

type Changes = Partial<Omit<Registration, 'device'>> & { readonly device?: Partial<Registration['device']> };

export function registration(changes: Changes = {}): Registration {
  const certificateName = changes.device?.certificateName ?? bytes(32);
  return {
    jid,
    accountKey: bytes(65),
    listVersion: 1,
    listIssued: 1_800_000_000,
    list: bytes(150),
    certificateNames: [certificateName],
    at: 1_800_000_000,
    ...changes,
    device: {
      deviceId: bytes(16),
      agreementKey: bytes(65),
      signingKey: bytes(65),
      certificate: bytes(200),
      certificateName,
      notAfter: 1_900_000_000,
      epoch: 0,
      ...changes.device,
    },
  };
}

/** A second device of the same account key, in a list of the given version that names the first one's devices, too. */
export function secondDevice(first: Registration, listVersion: number, changes: Changes = {}): Registration {
  const second = registration({ accountKey: first.accountKey, listVersion, ...changes });
  return { ...second, certificateNames: [...second.certificateNames, ...first.certificateNames] };
}
