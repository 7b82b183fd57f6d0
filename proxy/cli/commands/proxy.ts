import { Option, type Command } from 'commander';
import { logLevels } from '../../log.ts';
import { defineCommand } from '../command.ts';

/** `simpp proxy`. */
export function proxyCommand(): Command {
  return defineCommand('proxy', {
    summary: 'run the proxy for all set-ups',
    description:
      'Listens where clients connect (proxy.toml, default 127.0.0.1:5222) and carries each account through its set-up. ' +
      'With --json, stdout gets one line {"ready":true,"listen":["127.0.0.1:5222"]} when it is ready; logs are on stderr. ' +
      'SIGTERM and SIGINT end it politely, a second one at once; SIGHUP reads the set-ups again.',
    examples: ['simpp proxy', 'simpp proxy --json', 'SIMPP_HOME=/srv/alice simpp proxy --log-level debug'],
    exitCodes: {
      71: 'the address is in use',
      74: 'the database cannot be used',
      75: 'a proxy already runs in this folder',
      77: 'the keystore cannot be opened',
      78: 'nothing is set up, or a file is not valid',
    },
  })
    .addOption(
      new Option('--log-level <level>', 'what is logged (default: as in proxy.toml, "info")').choices(logLevels),
    )
    .action(async (flags) => {
      const { runProxy } = await import('../proxy.ts');
      await runProxy(flags);
    });
}
