// The methods of the control socket that deal with end-to-end encryption.
import * as methods from '../control/end-to-end-methods.ts';
import { answer, type ControlHandler } from '../control/server.ts';
import type { RunningProxy } from '../options.ts';
import type { Backups } from './backups.ts';

/** What the handlers need of a running proxy. */
export type Desks = Pick<RunningProxy, 'desk' | 'endToEndAccounts' | 'restored'>;

/** Their answers, by the proxy that runs once `started` resolves. */
export function endToEndHandlers(started: Promise<Desks>, backups: Backups): ControlHandler[] {
  const desk = async (account: string): Promise<ReturnType<Desks['desk']>> => (await started).desk(account);
  return [
    answer(methods.listEndToEnd, async () => ({ accounts: (await started).endToEndAccounts() })),
    answer(methods.deskStatus, async ({ account }) => (await desk(account)).status()),
    answer(methods.listContacts, async ({ account }) => ({ contacts: (await desk(account)).contacts() })),
    answer(methods.showContact, async ({ account, jid }) => (await desk(account)).contact(jid)),
    answer(methods.verifyContact, async ({ account, jid, fingerprint }) =>
      (await desk(account)).verify(jid, fingerprint),
    ),
    answer(methods.decideContact, async ({ account, jid, decision }) => (await desk(account)).decide(jid, decision)),
    answer(methods.startVerification, async ({ account, jid }) => (await desk(account)).startVerification(jid)),
    answer(methods.typeVerification, async ({ account, jid, typed }) =>
      (await desk(account)).typeVerification(jid, typed),
    ),
    answer(methods.showVerification, async ({ account, jid }) => (await desk(account)).verification(jid)),
    answer(methods.setPolicy, async ({ account, jid, policy }) => {
      (await desk(account)).setPolicy(jid, policy);
      return {};
    }),
    answer(methods.setTrustPolicy, async ({ account, policy }) => {
      (await desk(account)).setTrustPolicy(policy);
      return {};
    }),
    answer(methods.setAnnotate, async ({ account, annotate }) => {
      (await desk(account)).setAnnotate(annotate);
      return {};
    }),
    answer(methods.setRetention, async ({ account, retention }) => {
      (await desk(account)).setRetention(retention);
      return {};
    }),
    answer(methods.listDevices, async ({ account }) => ({ devices: await (await desk(account)).devices() })),
    answer(methods.approveDevice, async ({ account, id }) => ({
      devices: await (await desk(account)).approveDevice(id),
    })),
    answer(methods.removeDevice, async ({ account, id }) => ({
      devices: await (await desk(account)).removeDevice(id),
    })),
    answer(methods.recover, async ({ account, phrase }) => (await desk(account)).recover(phrase)),
    answer(methods.recoveryPhrase, async ({ account }) => ({ phrase: (await desk(account)).recoveryPhrase() })),
    answer(methods.forgetRecovery, async ({ account }) => {
      (await desk(account)).forgetRecovery();
      return {};
    }),
    answer(methods.listOutbox, async ({ account }) => ({ messages: (await desk(account)).outbox() })),
    answer(methods.resendOutbox, async ({ account, number }) => ({ sent: await (await desk(account)).resend(number) })),
    answer(methods.discardOutbox, async ({ account, number }) => ({
      discarded: (await desk(account)).discard(number),
    })),
    answer(methods.searchHistory, async ({ account, text, contact, limit }) => ({
      messages: (await desk(account)).search(text, contact, limit),
    })),
    answer(methods.exportAccount, async ({ account, passphrase }) => ({
      file: await backups.export(account, passphrase),
    })),
    answer(methods.importAccount, async ({ file, passphrase }) => {
      const restored = await backups.import(file, passphrase);
      (await started).restored(restored.jid);
      return restored;
    }),
  ];
}
