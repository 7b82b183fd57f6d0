// The two profiles as values: what the one pair of drivers (proxy and gateway)
// needs to know about each. How a handshake goes is in its own modules.
import type { ClassicClientContext } from './classic/client.ts';
import { startClassicClient } from './classic/client.ts';
import { startClassicGateway, type ClassicGatewayContext } from './classic/gateway.ts';
import { startClient, type ClientContext, type Hello } from './client.ts';
import { startGateway, type GatewayContext } from './gateway.ts';
import type { ClientStep, GatewayStep } from './handshake.ts';
import { suite } from './transcript.ts';

/** Names of the profiles; `simpp-2` is what people run. */
export type ProfileName = 'simpp-2' | 'classic';

/** One profile. `C` and `G` are what A and S must bring. */
export interface Profile<C, G> {
  readonly name: ProfileName;
  /** Namespace of the stream feature and of every handshake element. */
  readonly namespace: string;
  /** The suite that the feature offers. */
  readonly suite: string;
  /** The curve of KU_S. */
  readonly curve: 'p256' | 'p224';
  startClient(context: C): ClientStep;
  startGateway(context: G): GatewayStep;
}

/** SIMPP version 2 (docs/protocol.md §5). */
export const simpp2: Profile<ClientContext & { readonly hello: Hello }, GatewayContext> = {
  name: 'simpp-2',
  namespace: 'urn:simpp:stream:2',
  suite,
  curve: 'p256',
  startClient: (context) => startClient(context, context.hello),
  startGateway,
};

/** The published protocol (docs/protocol.md §10), for reproduction and comparison only. */
export const classic: Profile<ClassicClientContext, ClassicGatewayContext> = {
  name: 'classic',
  namespace: 'urn:simpp:stream:classic',
  suite: 'P224_AES128CBC_SHA256',
  curve: 'p224',
  startClient: startClassicClient,
  startGateway: startClassicGateway,
};
