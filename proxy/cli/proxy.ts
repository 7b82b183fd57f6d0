// `simpp proxy`: composes the proxy from its files and runs it.

import { findHome, makeHome } from '../config/home.ts';
import { notesOnChange, proxyOptions, readProxyFiles } from '../config/proxy-files.ts';
import { putPassword } from '../control/methods.ts';
import { answer } from '../control/server.ts';
import { detectNodeCrypto } from '../crypto/provider.ts';
import type { LogLevel } from '../log.ts';
import { setupName } from '../options.ts';
import { keyFingerprint } from '../pinned-key.ts';
import { startProxy } from '../proxy.ts';
import { classicWarning } from './advice.ts';
import { openAccounts } from './open-accounts.ts';
import { processOutput } from './output.ts';
import { isClassic, setupStatus } from './proxy-status.ts';
import { runRole } from './run-role.ts';

/** The command line of `simpp proxy`. */
export interface ProxyFlags {
  readonly json?: boolean;
  readonly logLevel?: LogLevel;
}

/** Runs the proxy until it is asked to stop. */
export async function runProxy(flags: ProxyFlags): Promise<void> {
  const output = processOutput(flags.json === true);
  const home = findHome();
  let files = readProxyFiles(home);
  const { config } = files;
  if (files.setups.some(isClassic)) output.warn(classicWarning);
  makeHome(home);
  const accounts = await openAccounts(home);
  const crypto = detectNodeCrypto();
  try {
    await runRole({
      role: 'proxy',
      home,
      level: flags.logLevel ?? config.log.level,
      output,
      handlers: [
        answer(putPassword, ({ jid, password }) => {
          accounts.transaction(() => {
            accounts.add(jid);
            accounts.putCredentials(jid, { password });
          });
          return {};
        }),
      ],
      async start(log) {
        const running = await startProxy(proxyOptions(files), { crypto, accounts, log });
        return {
          listen: running.listen,
          status(common) {
            const { connections, setups, counters } = running.status();
            const setUps = files.setups.map(({ setup }) =>
              setupStatus(setup, setups, (key) => keyFingerprint(crypto, key)),
            );
            return { role: 'proxy', ...common, listen: [...running.listen], connections, setups: setUps, counters };
          },
          async reload() {
            const changed = readProxyFiles(home);
            await running.reload(proxyOptions(changed).setups);
            files = changed;
            return notesOnChange(config, changed.config);
          },
          stop: () => running.stop(),
          greeting: [
            `The proxy listens on ${running.listen.join(', ')} for ${files.setups.map(({ setup }) => setupName(setup)).join(', ')}.`,
            'Ctrl-C stops it; "simpp status" and "simpp log" show what it does.',
          ],
        };
      },
    });
  } finally {
    accounts.close();
  }
}
