// Gateway mode in profile classic, for reproducing the paper: R1–R3 when K_A is
// not agreed yet, then S1–S3. It warns each time; there are no guests in it.

import { asSimppError, SimppError } from '../../shared/errors.ts';
import { classicMasterKey } from '../../shared/simpp/classic/cipher.ts';
import { classic } from '../../shared/simpp/profile.ts';
import { setupDomain } from '../address.ts';
import { formatEndpoint } from '../endpoint.ts';
import { gatewayKeysOf } from '../invite.ts';
import type { GatewayRoute, SetupName } from '../options.ts';
import type { Caller, DialDeps, Dialled } from './dial.ts';
import { dialled } from './dial-gateway.ts';
import { openChannel, type OpenedChannel } from './simpp.ts';

export async function dialClassic(setup: SetupName & GatewayRoute, who: Caller, deps: DialDeps): Promise<Dialled> {
  if (who.kind === 'guest') {
    throw new SimppError(
      'config-invalid',
      'The profile "classic" must know the account first: set up its JID instead of the whole domain.',
    );
  }
  const { crypto, entropy, identities, log, timeoutMs, signal } = deps;
  const { jid } = who;
  const { host, port, keyBytes } = setup.gateway;
  const server = formatEndpoint(setup.gateway);
  log.warn('profile classic is broken and only for reproducing the paper', { jid, server, profile: 'classic' });
  const pinned = gatewayKeysOf({ profile: 'classic', bytes: keyBytes });
  const kuS = crypto.p224.publicKey(pinned.agreement);
  const { krA, masterKey } = identities.openClassic(jid);
  const open = async (register: boolean): Promise<OpenedChannel> => {
    const startClient = () => classic.startClient({ crypto, entropy, kuS, krA, idA: jid, register });
    const domain = setupDomain(setup);
    return openChannel({ host, port, domain, profile: classic, crypto, pinned, startClient, timeoutMs, signal });
  };

  const first = masterKey === undefined;
  const { socket } = await open(first).catch((error: unknown) => {
    if (first || asSimppError(error).code !== 'gateway-refused') throw error;
    log.warn('gateway does not know this account any more', { jid, server, profile: 'classic' });
    return open(true);
  });
  if (first) identities.recordClassic(jid, classicMasterKey(crypto, krA, kuS));
  return dialled(socket);
}
