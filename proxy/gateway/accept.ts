// The driver of S: runs the handshake of either profile over a wire that
// carries its messages (docs/protocol.md §5). What goes wrong is thrown with
// its real reason; what the peer may know of it is the caller's matter.

import { SimppError } from '../../shared/errors.ts';
import type { Claim, GatewayStep, Session } from '../../shared/simpp/handshake.ts';
import type { CryptoQueue } from './crypto-queue.ts';
import { settle, type LookUps } from './look-ups.ts';

/** Where the messages of one handshake come from and go to. */
export interface HandshakeWire {
  read(): Promise<Uint8Array>;
  send(message: Uint8Array): void;
}

/** What a successful handshake gives. */
export interface Established {
  readonly session: Session;
  readonly claim: Claim;
}

/** Runs a handshake to its end; rejects with SimppError when it fails. */
export async function accept(
  first: GatewayStep,
  wire: HandshakeWire,
  lookUps: LookUps,
  queue: CryptoQueue,
): Promise<Established> {
  const run = <T>(work: () => T): Promise<T> => queue.run(work);
  let step = await settle(first, lookUps, run);
  for (;;) {
    switch (step.kind) {
      case 'established':
        return step;
      case 'refused':
        throw new SimppError('gateway-refused');
      case 'send':
        wire.send(step.message);
        break;
      case 'read':
        break;
    }
    const { next } = step;
    const message = await wire.read();
    step = await settle(await run(() => next(message)), lookUps, run);
  }
}
