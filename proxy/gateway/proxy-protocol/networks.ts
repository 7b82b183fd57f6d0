// Networks in CIDR notation (RFC 4632 §3.1, RFC 4291 §2.3): from where a PROXY
// protocol header is taken.

import { BlockList, isIPv4, isIPv6 } from 'node:net';
import { plainAddress } from './address-bytes.ts';

/** A network, or with a whole prefix one address. */
export interface Network {
  readonly address: string;
  /** Bits that count. */
  readonly prefix: number;
}

/** The form that `parseNetwork` reads, for error texts. */
export const networkForm = 'a network or an address, like 192.0.2.0/24, 2001:db8::/32 or 127.0.0.1';

/** Reads ADDRESS or ADDRESS/BITS; undefined when it is anything else. */
export function parseNetwork(text: string): Network | undefined {
  const match = /^([0-9a-f.:]+)(?:\/(\d{1,3}))?$/i.exec(text);
  if (match === null) return undefined;
  const [, address = '', digits] = match;
  const most = isIPv4(address) ? 32 : isIPv6(address) ? 128 : -1;
  const prefix = digits === undefined ? most : Number(digits);
  return prefix <= most && most > 0 ? { address: address.toLowerCase(), prefix } : undefined;
}

/** Whether addresses are in one of the networks; IPv4-mapped ones count as IPv4. */
export class Networks {
  readonly #list = new BlockList();

  constructor(networks: readonly Network[]) {
    for (const { address, prefix } of networks) this.#list.addSubnet(address, prefix, familyOf(address));
  }

  has(address: string): boolean {
    const plain = plainAddress(address);
    return this.#list.check(plain, familyOf(plain));
  }
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv4(address) ? 'ipv4' : 'ipv6';
}
