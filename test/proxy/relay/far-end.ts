// The far end of a leg in memory: what arrives there as text, and waiting for it.
import assert from 'node:assert/strict';
import { duplexPair, type Duplex } from 'node:stream';
import { serverLimits } from '../../../shared/xml/scanner.ts';
import { Leg } from '../../../proxy/leg.ts';
import type { RelayOptions } from '../../../proxy/relay-options.ts';
import { Relay } from '../../../proxy/relay.ts';

export class FarEnd {
  readonly stream: Duplex;
  readonly leg: Leg;
  received = '';
  #wake: () => void = () => undefined;

  constructor() {
    const [near, far] = duplexPair({ allowHalfOpen: true });
    this.leg = new Leg(near, serverLimits);
    this.stream = far;
    far.setEncoding('utf8');
    far.on('error', () => undefined);
  }

  /** Begins to read. */
  listen(): this {
    this.stream.on('data', (text: string) => {
      this.received += text;
      this.#wake();
    });
    return this;
  }

  write(text: string): void {
    this.stream.write(text);
  }

  /** Waits until all that has arrived ends with this text. */
  async until(text: string): Promise<string> {
    while (!this.received.endsWith(text)) await this.more();
    return this.received;
  }

  /** Waits until something arrives. */
  more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

/** A relay between two far ends whose client has sent its header; without stages unless told otherwise. */
export async function relayBetween(
  client: FarEnd,
  server: FarEnd,
  clientHeader: string,
  options: Partial<RelayOptions> = {},
): Promise<Relay> {
  const relay = new Relay({
    legs: { client: client.leg, server: server.leg },
    stages: [],
    perform: () => Promise.resolve(),
    reconnect: () => Promise.reject(new Error('nobody was to reconnect')),
    notice: () => undefined,
    passed: () => undefined,
    closeTimeoutMs: 5000,
    ...options,
  });
  client.write(clientHeader);
  const header = await client.leg.read();
  assert(header?.kind === 'header');
  relay.start(header);
  return relay;
}
