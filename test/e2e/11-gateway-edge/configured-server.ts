// Servers with the very lines that the pages for operators have, but for the
// port and what a package brings beside them.
import { Prosody, type ProsodyOptions } from '../../../proxy/try/prosody.ts';
import { Ejabberd, type EjabberdOptions } from '../support/ejabberd.ts';
import { replaced } from './page.ts';

/** A Prosody whose global part ends with these lines. */
export function startProsody(lines: string, pagePort: number, options: ProsodyOptions): Promise<Prosody> {
  return Prosody.start({ ...options, globalLines: (port) => replaced(lines, String(pagePort), String(port)) });
}

/** An ejabberd whose listeners are these lines, and nothing else. */
export function startEjabberd(lines: string, pagePort: number, options: EjabberdOptions): Promise<Ejabberd> {
  return Ejabberd.start({
    ...options,
    rewrite(config, port) {
      // as: what ejabberd-config.ts has written.
      const { listen: _listen, ...settings } = JSON.parse(config) as Record<string, unknown>;
      // Debian's configuration defines these, which the lines name.
      const around = { ...settings, shaper_rules: { c2s_shaper: 'none' }, access_rules: { c2s: { allow: 'all' } } };
      const rest = Object.entries(around).map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`);
      return `${rest.join('')}listen:\n${replaced(lines, String(pagePort), String(port))}`;
    },
  });
}
