// What a handshake asks the directory, and steps run on until they need the
// peer again.

import type { ClassicAccount, GatewayStep, KnownDevice } from '../../shared/simpp/handshake.ts';
import type { DirectoryStore } from './directory/directory.ts';

/** The directory as a handshake sees it. */
export interface LookUps {
  /** The device that may log in with this key, if any. */
  findDevice(agreementKey: Uint8Array): Promise<KnownDevice | undefined>;
  findAccount(idA: string): Promise<ClassicAccount | undefined>;
  /** Whether a classic account was stored. */
  storeAccount(account: ClassicAccount): Promise<boolean>;
}

/** The look-ups of a directory. */
export function directoryLookUps(directory: DirectoryStore): LookUps {
  return {
    async findDevice(agreementKey) {
      const row = await directory.deviceByAgreementKey(agreementKey);
      // A pending device may log in, no more; a revoked one is like one never seen.
      return row === undefined || row.status === 'revoked' ? undefined : { jid: row.jid, deviceId: row.deviceId };
    },
    async findAccount(idA) {
      const row = await directory.classicAccount(idA);
      return row === undefined ? undefined : { idA: row.id, kuA: row.accountKey, kA: row.masterKey };
    },
    async storeAccount({ idA, kuA, kA }) {
      // §1: classic is refused for a JID that has a simpp-2 registration.
      if ((await directory.account(idA)) !== undefined) return false;
      return (await directory.registerClassic({ id: idA, accountKey: kuA, masterKey: kA })) !== 'conflict';
    },
  };
}

/** A step that needs the peer, or is the last. */
export type SettledStep = Extract<GatewayStep, { kind: 'read' | 'send' | 'established' | 'refused' }>;

/** Runs a piece of a handshake's arithmetic, at once or when it is its turn. */
export type Run = <T>(work: () => T) => T | Promise<T>;

/** Answers a step's look-ups until it needs the peer or is the last. */
export async function settle(first: GatewayStep, lookUps: LookUps, run: Run): Promise<SettledStep> {
  let step = first;
  for (;;) {
    switch (step.kind) {
      case 'find-device': {
        const { next } = step;
        const device = await lookUps.findDevice(step.agreementKey);
        step = await run(() => next(device));
        break;
      }
      case 'find-account': {
        const { next } = step;
        const account = await lookUps.findAccount(step.idA);
        step = await run(() => next(account));
        break;
      }
      case 'store-account': {
        const { next } = step;
        const isStored = await lookUps.storeAccount(step.account);
        step = await run(() => next(isStored));
        break;
      }
      default:
        return step;
    }
  }
}
