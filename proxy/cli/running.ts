// Finds the roles that run in this folder.

import { SimppError } from '../../shared/errors.ts';
import type { Home, Role } from '../config/home.ts';
import { connectControl, type ControlClient } from '../control/client.ts';
import { controlSocketPath } from '../control/socket-path.ts';

const roles = ['proxy', 'gateway'] as const satisfies readonly Role[];

/** A running role. */
export interface RunningRole {
  readonly role: Role;
  readonly client: ControlClient;
}

/** Connects to the wanted role, or to all that run; throws SimppError('not-running') when there is none. */
export async function connectRunning(home: Home, wanted: Role | undefined): Promise<RunningRole[]> {
  const running: RunningRole[] = [];
  for (const role of wanted === undefined ? roles : [wanted]) {
    const client = await connectControl(controlSocketPath(home, role));
    if (client !== undefined) running.push({ role, client });
  }
  if (running.length > 0) return running;
  const what = wanted === undefined ? 'Nothing runs' : `No ${wanted} runs`;
  throw new SimppError('not-running', `${what} in ${home.stateDir}.`);
}
