// One connection to where a set-up leads: through its gateway in a SIMPP
// channel, or straight to the server over TLS. Which route it is does not
// matter to the relay, which gets a stream either way.

import type { Duplex } from 'node:stream';
import type { Crypto } from '../../shared/crypto/provider.ts';
import type { SimppError } from '../../shared/errors.ts';
import type { Entropy } from '../../shared/simpp/entropy.ts';
import type { ChannelSocket } from '../channel-socket.ts';
import type { IdentityKeeper } from '../identity/keeper.ts';
import type { Log } from '../log.ts';
import type { Setup } from '../options.ts';
import { dialClassic } from './dial-classic.ts';
import { dialDirect } from './dial-direct.ts';
import { dialGateway } from './dial-gateway.ts';
import type { EnrolOutcome } from './enrol.ts';
import type { Redirect } from './redirect.ts';
import type { SrvLookup } from './resolve.ts';

/** Whom a channel is opened for. A guest's name is learnt from the server. */
export type Caller = { readonly kind: 'account'; readonly jid: string } | { readonly kind: 'guest' };

export interface DialDeps {
  readonly crypto: Crypto;
  readonly entropy: Entropy;
  readonly identities: IdentityKeeper;
  readonly log: Log;
  /** For each connection that is tried; without it 10 s, less where there are others. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** The system's resolver unless told otherwise. */
  readonly lookup?: SrvLookup | undefined;
  /** Where the server has sent us, in direct mode. */
  readonly at?: Redirect | undefined;
}

export interface Dialled {
  /** The inner XMPP stream begins here. */
  readonly stream: Duplex;
  /** The same stream, where it is a channel. */
  readonly channel?: ChannelSocket;
  /** Nobody between here and the server (or gateway) can read it. */
  readonly encrypted: boolean;
  /** What the gateway said before it ended the channel. */
  farewell(): SimppError | undefined;
  /**
   * The hop that an error of this stream asks for, undefined if it is another error; throws SimppError when there
   * were enough. Only in direct mode: a gateway follows by itself.
   */
  redirect?(error: unknown): Redirect | undefined;
  /** Enrols the JID that the server bound; only a guest's simpp-2 channel has it. */
  enrol?(jid: string): Promise<EnrolOutcome>;
}

/** Connects; throws SimppError. An account's connection is made with its own keys, or not at all. */
export function dial(setup: Setup, who: Caller, deps: DialDeps): Promise<Dialled> {
  if (setup.mode === 'direct') return dialDirect(setup, deps);
  return setup.profile === 'classic' ? dialClassic(setup, who, deps) : dialGateway(setup, who, deps);
}
