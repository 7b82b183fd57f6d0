// What the person at a machine does on its command line: the requests of `simpp`
// to the running proxy, without a process for each.
import type { z } from 'zod';

import { findHome } from '../../../proxy/config/home.ts';
import { connectControl } from '../../../proxy/control/client.ts';
import type { Request } from '../../../proxy/control/declare.ts';
import { controlSocketPath } from '../../../proxy/control/socket-path.ts';
import type { ProxySide } from '../support/proxy-side.ts';

/** Asks the proxy of this machine. */
export async function atMachine<Params extends z.ZodType, Result extends z.ZodType>(
  { home }: ProxySide,
  declared: Request<Params, Result>,
  params: z.input<Params>,
): Promise<z.output<Result>> {
  const files = findHome({ platform: process.platform, home: home.path, env: { SIMPP_HOME: home.path } });
  const client = await connectControl(controlSocketPath(files, 'proxy'));
  if (client === undefined) throw new Error(`no proxy runs in ${home.path}`);
  try {
    return await client.call(declared, params);
  } finally {
    client.close();
  }
}
