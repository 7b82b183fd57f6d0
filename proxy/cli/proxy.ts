// `simpp proxy`: composes the proxy from its files and runs it.

import { publishAuthorities } from '../ca/published.ts';
import { findHome, makeHome } from '../config/home.ts';
import { notesOnChange, proxyOptions, readProxyFiles } from '../config/proxy-files.ts';
import { makeAuthority } from '../control/methods.ts';
import { answer } from '../control/server.ts';
import { detectNodeCrypto } from '../crypto/provider.ts';
import type { LogLevel } from '../log.ts';
import { setupName, type RunningProxy } from '../options.ts';
import { keyFingerprint } from '../pinned-key.ts';
import { startProxy } from '../proxy.ts';
import { accountHandlers } from './account-handlers.ts';
import { classicWarning } from './advice.ts';
import { backupsIn } from './backups.ts';
import { endToEndHandlers } from './end-to-end-handlers.ts';
import { openProxyStores } from './open-accounts.ts';
import { processOutput } from './output.ts';
import { endToEndStatus, isClassic, setupStatus } from './proxy-status.ts';
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
  const { accounts, stores, reached } = await openProxyStores(home);
  const crypto = detectNodeCrypto();
  const { promise: started, resolve: setStarted } = Promise.withResolvers<RunningProxy>();
  try {
    await runRole({
      role: 'proxy',
      home,
      level: flags.logLevel ?? config.log.level,
      output,
      handlers: [
        ...accountHandlers(accounts, crypto, started),
        ...endToEndHandlers(started, backupsIn(home.stateDir, { accounts, stores })),
        answer(makeAuthority, async () => {
          (await started).makeAuthority();
          return {};
        }),
      ],
      async start(log) {
        const running = await startProxy(proxyOptions(files), {
          crypto,
          accounts,
          stores,
          reached,
          log,
          publishAuthorities: (authorities) => publishAuthorities(home.authorityFile, authorities),
        });
        const { listen, listenStarttls, listenTls } = running;
        setStarted(running);
        return {
          listen,
          status(common) {
            const { connections, setups, counters } = running.status();
            const setUps = files.setups.map(({ setup }) =>
              setupStatus(setup, setups, (key) => keyFingerprint(crypto, key)),
            );
            return {
              role: 'proxy',
              ...common,
              listen: [...listen],
              listenStarttls: [...listenStarttls],
              listenTls: [...listenTls],
              connections,
              setups: setUps,
              endToEnd: endToEndStatus(running),
              counters,
            };
          },
          async reload() {
            const changed = readProxyFiles(home, { mayBeEmpty: true });
            await running.reload(proxyOptions(changed).setups);
            files = changed;
            return { taken: [], notes: notesOnChange(config, changed.config) };
          },
          stop: () => running.stop(),
          greeting: [
            `The proxy listens on ${listenText(running)} for ${files.setups.map(({ setup }) => setupName(setup)).join(', ')}.`,
            'Ctrl-C stops it; "simpp status" and "simpp log" show what it does.',
          ],
        };
      },
    });
  } finally {
    stores.close();
    accounts.close();
  }
}

/** All addresses, each with how clients connect there, unless it is as usual. */
function listenText({ listen, listenStarttls, listenTls }: RunningProxy): string {
  const starttls = listenStarttls.map((address) => `${address} (STARTTLS)`);
  const tls = listenTls.map((address) => `${address} (TLS)`);
  return [...listen, ...starttls, ...tls].join(', ');
}
