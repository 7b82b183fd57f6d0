// `simpp gateway reload`: asks the running gateway to read its files again.

import { findHome } from '../config/home.ts';
import { reload } from '../control/methods.ts';
import { processOutput } from './output.ts';
import { connectRunning } from './running.ts';

/** The command line of `simpp gateway reload`. */
export interface GatewayReloadFlags {
  readonly json?: boolean;
}

/** Runs the command; rejects with what the gateway could not take, and then it has taken nothing. */
export async function reloadGateway(flags: GatewayReloadFlags): Promise<void> {
  const output = processOutput(flags.json === true);
  for (const { client } of await connectRunning(findHome(), 'gateway')) {
    try {
      const { taken, notes } = await client.call(reload, {});
      output.say(taken.length === 0 ? 'Nothing else has changed.' : `Taken: ${taken.join(', ')}.`);
      for (const note of notes) output.warn(note);
      output.result({ taken, notes });
    } finally {
      client.close();
    }
  }
}
