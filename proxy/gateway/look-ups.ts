// What a handshake asks the directory, and steps run on until they need the
// peer again.

import type { ClassicAccount, GatewayStep, KnownDevice } from '../../shared/simpp/handshake.ts';
import { clockToleranceSeconds } from '../../shared/simpp/certificate.ts';
import type { Registrar } from './admission.ts';
import type { DeviceRow } from './directory/directory.ts';

/** The directory as a handshake sees it. */
export interface LookUps {
  /** The device that may log in with this key, if any. */
  findDevice(agreementKey: Uint8Array): Promise<KnownDevice | undefined>;
  findAccount(idA: string): Promise<ClassicAccount | undefined>;
  /** Whether a classic account was stored. */
  storeAccount(account: ClassicAccount): Promise<boolean>;
}

/** Whether a device may log in: a pending one may, no more; one that is revoked or whose certificate is over is like one never seen. */
function mayLogIn({ status, notAfter }: DeviceRow, now: number): boolean {
  return status !== 'revoked' && notAfter >= now - clockToleranceSeconds;
}

/** The look-ups of a directory. */
export function directoryLookUps({ directory, now }: Registrar): LookUps {
  return {
    async findDevice(agreementKey) {
      const row = await directory.deviceByAgreementKey(agreementKey);
      return row !== undefined && mayLogIn(row, now()) ? { jid: row.jid, deviceId: row.deviceId } : undefined;
    },
    async findAccount(idA) {
      // §1: classic is refused for a JID that has a simpp-2 registration, also one that came later.
      const [row, modern] = await Promise.all([directory.classicAccount(idA), directory.account(idA)]);
      return row === undefined || modern !== undefined
        ? undefined
        : { idA: row.id, kuA: row.accountKey, kA: row.masterKey };
    },
    async storeAccount({ idA, kuA, kA }) {
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
