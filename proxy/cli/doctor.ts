// `simpp doctor` and `simpp gateway doctor`.

import { systemEntropy } from '../../shared/simpp/entropy.ts';
import { parseSetupName } from '../address.ts';
import { findHome, type Home, type Role } from '../config/home.ts';
import { detectNodeCrypto } from '../crypto/provider.ts';
import { examine } from '../doctor/doctor.ts';
import { readHostMeta } from '../doctor/host-meta.ts';
import type { Patient } from '../doctor/patient.ts';
import { count, reportLines } from '../doctor/report.ts';
import { IdentityKeeper } from '../identity/keeper.ts';
import { silentLog } from '../log.ts';
import { tryLogin } from '../server/trial-login.ts';
import { checkAutostart } from '../service/autostart.ts';
import { hasPassphraseAtHand, openHomeKeystore } from './keystore.ts';
import { openAccounts } from './open-accounts.ts';
import { processOutput } from './output.ts';
import { canAsk } from './passphrase-prompt.ts';

/** The command line of `simpp doctor`. */
export interface DoctorFlags {
  readonly address?: string;
  readonly role?: Role;
  readonly login?: boolean;
  readonly json?: boolean;
}

/** Runs the command; ends the process with 1 when there is a problem. */
export async function runDoctor({ address, role, login = false, json = false }: DoctorFlags): Promise<void> {
  const output = processOutput(json);
  const about = address === undefined ? undefined : parseSetupName(address);
  const reports = await examine(thisMachine(findHome()), { role, about, login });
  const counts = count(reports);
  const { columns, isTTY: isForPeople } = process.stdout;
  const page = { columns: isForPeople ? columns : undefined, isColoured: isForPeople && process.stdout.hasColors() };
  for (const line of reportLines(reports, page)) output.say(line);
  const found = reports.flatMap(({ title, findings }) => findings.map((finding) => ({ about: title, ...finding })));
  output.result({ ok: counts.problem === 0, problems: counts.problem, warnings: counts.warning, findings: found });
  if (counts.problem > 0) process.exitCode = 1;
}

/** The folder with this machine as it is. */
export function thisMachine(home: Home): Patient {
  const crypto = detectNodeCrypto();
  const { warn } = processOutput(false);
  return {
    home,
    crypto,
    uid: process.getuid?.(),
    nodeVersion: process.versions.node,
    now: Date.now,
    openKey: async () => (hasPassphraseAtHand(home) || canAsk() ? openHomeKeystore(home, { warn }) : undefined),
    async tryLogin(setup, signal) {
      const accounts = await openAccounts(home);
      try {
        const { password } = accounts.credentials(setup.jid);
        if (password === undefined) {
          return { kind: 'failed', code: 'config-missing', text: `No password of ${setup.jid} is stored here.` };
        }
        const entropy = systemEntropy(crypto);
        const now = (): number => Math.floor(Date.now() / 1000);
        const identities = new IdentityKeeper({ store: accounts, crypto, entropy, now });
        return await tryLogin(setup, password, { crypto, entropy, identities, log: silentLog, signal });
      } finally {
        accounts.close();
      }
    },
    autostart: checkAutostart,
    hostMeta: readHostMeta,
  };
}
