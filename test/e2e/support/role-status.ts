// What a running role says about itself, asked on its control socket as
// `simpp status` does, but without a process for each question.
import { findHome, type Role } from '../../../proxy/config/home.ts';
import { connectControl } from '../../../proxy/control/client.ts';
import { status, type RoleStatus } from '../../../proxy/control/methods.ts';
import { controlSocketPath } from '../../../proxy/control/socket-path.ts';
import type { Home } from './simpp.ts';

export async function statusOf<R extends Role>(home: Home, role: R): Promise<Extract<RoleStatus, { role: R }>> {
  const files = findHome({ platform: process.platform, home: home.path, env: { SIMPP_HOME: home.path } });
  const client = await connectControl(controlSocketPath(files, role));
  if (client === undefined) throw new Error(`no ${role} runs in ${home.path}`);
  try {
    const answer = await client.call(status, {});
    if (answer.role !== role) throw new Error(`a ${answer.role} answered on the socket of the ${role}`);
    // as: just compared.
    return answer as Extract<RoleStatus, { role: R }>;
  } finally {
    client.close();
  }
}
