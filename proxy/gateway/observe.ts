// The gateway's look at the inner stream (transparency.md §4), as a pure stage:
// (state, part) → {state, effects}. Bytes pass as they are; only features are
// cut. It learns which JID the server bound, and until then holds what a client
// sends ahead, so that nothing is done in a name that has not been checked.

import { SimppError } from '../../shared/errors.ts';
import type { StreamPart } from '../../shared/xml/scanner.ts';
import { domainOf } from '../../shared/xmpp/jid.ts';
import { readHeader } from '../../shared/xmpp/stream-header.ts';
import { observeClientElement } from './observe-client.ts';
import { observeServerElement } from './observe-server.ts';
import { pass, passAndRelease, type Observation, type ObserverRules, type ObserverState } from './observer-state.ts';

/** Looks at one part; throws SimppError when the stream cannot go on. */
export function observe(
  rules: ObserverRules,
  state: ObserverState,
  side: 'client' | 'server',
  part: StreamPart,
): Observation {
  switch (part.kind) {
    case 'header':
      return side === 'client' ? clientHeader(rules, state, part.bytes) : serverHeader(state, part.bytes);
    case 'element':
      return side === 'client'
        ? observeClientElement(rules, state, part.bytes)
        : observeServerElement(rules, state, part.bytes);
    case 'space':
      return pass(state, part.bytes);
    case 'footer':
      // The server's end answers whatever was awaited.
      return side === 'client' ? pass(state, part.bytes) : passAndRelease(state, part.bytes);
  }
}

function clientHeader(rules: ObserverRules, state: ObserverState, bytes: Uint8Array): Observation {
  const header = readHeader(bytes);
  // The handshake was for one domain; a stream to another would be another gateway's, or nobody's.
  if (header.to !== undefined && domainOf(header.to) !== rules.domain) {
    throw new SimppError('host-unknown', 'The stream is for another domain than the channel.');
  }
  return pass({ ...state, clientScope: header.bindings }, bytes);
}

function serverHeader(state: ObserverState, bytes: Uint8Array): Observation {
  return pass({ ...state, serverScope: readHeader(bytes).bindings }, bytes);
}
