// Where the server of a domain is: SRV records of both kinds, with TLS from
// the first byte (XEP-0368) and with STARTTLS (RFC 6120 §3.2.1), in the one
// order that RFC 2782 gives them; without records the domain itself.

import type { SrvRecord } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { SimppError } from '../../shared/errors.ts';
import { isLoopback, type Endpoint } from '../endpoint.ts';

/** A place where the server may be, and how TLS begins there. */
export interface ServerAddress extends Endpoint {
  readonly tls: 'starttls' | 'direct';
}

/** Looks up SRV records; rejects when there are none. */
export type SrvLookup = (name: string) => Promise<readonly SrvRecord[]>;

const services = [
  { prefix: '_xmpps-client._tcp', tls: 'direct' },
  { prefix: '_xmpp-client._tcp', tls: 'starttls' },
] as const;

const systemLookup: SrvLookup = (name) => new Resolver({ timeout: 2000, tries: 2 }).resolveSrv(name);

/** The addresses to try, in order; `random` gives numbers in [0, 1). Throws SimppError when the domain says that it has no XMPP. */
export async function resolveServer(
  domain: string,
  lookup: SrvLookup = systemLookup,
  random: () => number = Math.random,
): Promise<readonly ServerAddress[]> {
  const host = domainToASCII(domain) || domain;
  const fallback: ServerAddress = { host, port: 5222, tls: 'starttls' };
  // Addresses and names of this machine have no records.
  if (isIP(host) !== 0 || isLoopback(host)) return [fallback];
  const found = await Promise.all(
    services.map(async ({ prefix, tls }) => {
      // No answer is no record: the certificate decides whom we reach, not DNS.
      const records = await lookup(`${prefix}.${host}`).catch(() => []);
      return records.map((record) => ({ ...record, tls }));
    }),
  );
  const records = found.flat();
  if (records.length === 0) return [fallback];
  // RFC 2782: the target "." means that the service is decidedly not there.
  const usable = records.filter(({ name }) => name !== '' && name !== '.');
  if (usable.length === 0) throw new SimppError('server-unreachable', `${domain} says that it has no XMPP server.`);
  return inOrder(usable, random).map(({ name, port, tls }) => ({ host: name, port, tls }));
}

/** RFC 2782: lowest priority first; within one, drawn by weight. */
function inOrder<R extends SrvRecord>(records: readonly R[], random: () => number): readonly R[] {
  const ordered: R[] = [];
  const priorities = [...new Set(records.map(({ priority }) => priority))].toSorted((a, b) => a - b);
  for (const priority of priorities) {
    // Weight 0 first, so that it is drawn only when the number is 0.
    const left = records.filter((record) => record.priority === priority).toSorted((a, b) => a.weight - b.weight);
    while (left.length > 0) {
      const total = left.reduce((sum, { weight }) => sum + weight, 0);
      const drawn = Math.floor(random() * (total + 1));
      let sum = 0;
      const at = left.findIndex(({ weight }) => (sum += weight) >= drawn);
      ordered.push(...left.splice(at, 1));
    }
  }
  return ordered;
}
