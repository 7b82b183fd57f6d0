// The places where clients connect, each with how they are protected there.
import type { ClientSecurity, ContextFor } from './client/security.ts';
import type { ListenAddress } from './listen-address.ts';
import type { Listener } from './listener.ts';
import type { ProxyOptions } from './options.ts';

export interface Place {
  readonly address: ListenAddress;
  readonly security: ClientSecurity;
}

/** All places of a proxy. */
export function placesOf(
  { listen, listenStarttls = [], listenTls = [] }: ProxyOptions,
  contextFor: ContextFor,
): readonly Place[] {
  const all = (addresses: readonly ListenAddress[], security: ClientSecurity): readonly Place[] =>
    addresses.map((address) => ({ address, security }));
  return [
    ...all(listen, { kind: 'plaintext' }),
    ...all(listenStarttls, { kind: 'starttls', contextFor }),
    ...all(listenTls, { kind: 'tls', contextFor }),
  ];
}

/** The real addresses of one kind; the listeners are those of the places, in their order. */
export function addressesOf(
  places: readonly Place[],
  listeners: readonly Listener[],
  kind: ClientSecurity['kind'],
): readonly string[] {
  return listeners.filter((_, index) => places[index]?.security.kind === kind).map(({ address }) => address);
}
