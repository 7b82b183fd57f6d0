// Both sides of a login against each other, for the tests of this folder.
import {
  advanceClient,
  finishClient,
  startClient,
  type ClientOptions,
  type ClientSuccess,
} from '../../../proxy/sasl/client.ts';
import type { Mechanism } from '../../../proxy/sasl/mechanisms.ts';
import type { ScramVerifiers } from '../../../proxy/sasl/scram-keys.ts';
import { advanceServer, startServer, type ServerOptions, type ServerStep } from '../../../proxy/sasl/server.ts';
import { makeVerifiers } from '../../../proxy/sasl/verifiers.ts';

/** Few, so that tests are fast. */
export const iterations = 16;

export const romeo: ScramVerifiers = await makeVerifiers('wherefore', new Uint8Array(16).fill(7), iterations);

export function serverOptions(more: Partial<ServerOptions> = {}): ServerOptions {
  return {
    lookup: async (name) => (name === 'romeo' ? romeo : undefined),
    authorize: (name, authzid) => authzid === undefined || authzid === `${name}@example.test`,
    canonical: (name) => name.toLowerCase(),
    fake: { secret: new Uint8Array(32).fill(1), iterations },
    nonce: 'SERVERNONCE',
    ...more,
  };
}

export function clientOptions(more: Partial<ClientOptions> = {}): ClientOptions {
  return { authcid: 'romeo', password: 'wherefore', nonce: 'clientnonce', ...more };
}

export interface Outcome {
  /** The server's last word. */
  readonly server: ServerStep;
  /** What the client made of it; undefined after a failure. */
  readonly client: ClientSuccess | undefined;
}

/** Runs a login to its end. */
export async function login(mechanism: Mechanism, client: ClientOptions, server: ServerOptions): Promise<Outcome> {
  const start = startClient(mechanism, client);
  let clientState = start.state;
  let step = await advanceServer(startServer(mechanism, server), start.initial);
  while (step.kind === 'challenge') {
    const answer = await advanceClient(clientState, step.challenge);
    clientState = answer.state;
    step = await advanceServer(step.state, answer.response);
  }
  return { server: step, client: step.kind === 'success' ? finishClient(clientState, step.data) : undefined };
}
