// The two sides of a relay, and what one does to the other: a leg that can take
// no more stops the reading of whoever fills it.
import type { Leg } from './leg.ts';
import type { Side } from './relay-end.ts';
import { RelaySide } from './relay-side.ts';

export const opposite = { client: 'server', server: 'client' } as const satisfies Record<Side, Side>;

export class RelaySides {
  readonly client: RelaySide;
  readonly server: RelaySide;

  constructor({ client, server }: Readonly<Record<Side, Leg>>) {
    this.client = new RelaySide(client);
    this.server = new RelaySide(server);
  }

  /** Reads nothing from a side while a leg is full. */
  awaitDrain(full: Side, held: Side, reason: 'drain' | 'own-drain', release: () => void): void {
    const { leg } = this[full];
    if (!leg.stream.writableNeedDrain || this[held].isHeldBy(reason)) return;
    this[held].hold(reason);
    leg.onDrain(release);
  }

  /** Whether a job is waited for. */
  get areBusy(): boolean {
    return this.client.isHeldBy('job') || this.server.isHeldBy('job');
  }
}
