// What becomes of a login when its JID is known (docs/protocol.md §4, Ownership
// and JID check): the one place where the directory changes.

import { equalBytes } from '../../shared/bytes.ts';
import { SimppError } from '../../shared/errors.ts';
import { identity, identityStatuses } from '../../shared/simpp/control.ts';
import type { Claim, Registration } from '../../shared/simpp/handshake.ts';
import type { DirectoryStore } from './directory/directory.ts';
import type { Identified } from './pipe.ts';

/** The directory, and the time at which a registration is stored, in seconds since 1970. */
export interface Registrar {
  readonly directory: DirectoryStore;
  now(): number;
  /** A registration went through; `isNewList`: the account's list is another one than before. */
  registered?(jid: string, isNewList: boolean): Promise<void>;
}

/** What the claim of an established channel is when it names somebody. */
export type NamedClaim = Exclude<Claim, { kind: 'guest' }>;

/** Whose channel it is, where a device was proved; classic has no devices. */
export function deviceOf(claim: NamedClaim): { readonly jid: string; readonly agreementKey: Uint8Array } | undefined {
  switch (claim.kind) {
    case 'login':
      return { jid: claim.jid, agreementKey: claim.kuDd };
    case 'registration':
      return { jid: claim.jid, agreementKey: claim.registration.kuDd };
    case 'classic':
      return undefined;
  }
}

/**
 * Checks that the server let in whom the channel was opened for. Compared as prepared: a claim that is not in its
 * prepared form equals nothing. Throws SimppError('jid-mismatch').
 */
export function checkJid(claim: NamedClaim, { jid, anonymous }: Identified): void {
  if (jid !== claim.jid || anonymous) throw new SimppError('jid-mismatch');
}

/** Records what a checked claim brings, and gives the encoded Identity for the client, where there is one to give. */
export async function settleClaim(
  registrar: Registrar,
  claim: NamedClaim,
  { by }: Pick<Identified, 'by'>,
): Promise<Uint8Array | undefined> {
  switch (claim.kind) {
    case 'login':
      return settleLogin(registrar.directory, claim);
    case 'registration':
      // A resumed stream proves nothing new: its registration waits for the next real login.
      return by === 'resumed' ? undefined : settleRegistration(registrar, claim.registration);
    case 'classic':
      return undefined;
  }
}

async function settleLogin(
  directory: DirectoryStore,
  { jid, kuDd, stateEpoch }: Extract<Claim, { kind: 'login' }>,
): Promise<Uint8Array> {
  // By the key that was proved: a pending device may have taken another one's id.
  const device = await directory.deviceByAgreementKey(kuDd);
  // Revoked or removed while it was logging in.
  if (device?.jid !== jid || device.status === 'revoked') throw new SimppError('gateway-refused');
  await directory.touch(kuDd, stateEpoch);
  const account = await directory.account(jid);
  return encodeIdentity({
    jid,
    status: device.status === 'pending' ? 'pending' : 'known',
    listVersion: account?.listVersion ?? 0,
    // A newer epoch than the client's own tells it that its state is a restored backup (§6).
    stateEpoch: Math.max(device.epoch, stateEpoch),
  });
}

async function settleRegistration(registrar: Registrar, registration: Registration): Promise<Uint8Array> {
  const { jid, kuA, listVersion, listIssued, deviceList, certificateNames, stateEpoch } = registration;
  const { deviceId, kuDs, kuDd, certificate, certificateName, notAfter } = registration;
  const { directory, now } = registrar;
  const before = await directory.account(jid);
  const result = await directory.register({
    jid,
    accountKey: kuA,
    listVersion,
    listIssued,
    list: deviceList,
    certificateNames,
    device: {
      deviceId,
      agreementKey: kuDd,
      signingKey: kuDs,
      certificate,
      certificateName,
      notAfter,
      epoch: stateEpoch,
    },
    at: now(),
  });
  // A conflict never stops a login with the right password (transparency.md §2).
  const status = result === 'pending' ? 'pending' : 'registered';
  const account = await directory.account(jid);
  const isNewList = account !== undefined && (before === undefined || !equalBytes(before.list, account.list));
  await registrar.registered?.(jid, isNewList);
  return encodeIdentity({ jid, status, listVersion: account?.listVersion ?? listVersion, stateEpoch });
}

interface Identity {
  readonly jid: string;
  readonly status: (typeof identityStatuses)[number];
  readonly listVersion: number;
  readonly stateEpoch: number;
}

function encodeIdentity(values: Identity): Uint8Array {
  return identity.encode({ ...values, status: identityStatuses.indexOf(values.status) });
}
