// The invite that a gateway hands out: its public address, its domains, KU_S.

import { isWildcard, type Endpoint } from '../endpoint.ts';
import { formatInvite, type InvitedKey } from '../invite.ts';

/** What an invite is made from. */
export interface InviteSource {
  readonly domains: readonly string[];
  /** The address that the administrator chose for invites; its port 0 stands for the real one. */
  readonly public?: Endpoint | undefined;
  /** The first listener, with its real port once it is known. */
  readonly listen: Endpoint;
}

/** The gateway's invite. */
export function gatewayInvite(source: InviteSource, key: InvitedKey): string {
  return formatInvite({ gateway: publicEndpoint(source), domains: source.domains, key });
}

/** A wildcard is no address to connect to: then the domain itself is expected to lead here. */
function publicEndpoint({ public: chosen, listen, domains }: InviteSource): Endpoint {
  const host = chosen?.host ?? (isWildcard(listen.host) ? (domains[0] ?? listen.host) : listen.host);
  const port = chosen === undefined || chosen.port === 0 ? listen.port : chosen.port;
  return { host, port };
}
