// C1 and C2 (docs/protocol.md §10.3): KU of a contact, as S says it. Nothing
// vouches for it, and it is asked for anew for every conversation, as published.
import type { Crypto, PublicKey } from '../../../shared/crypto/provider.ts';
import { asSimppError } from '../../../shared/errors.ts';
import { classicC1Request } from '../../../shared/simpp/classic/messages.ts';
import type { ChannelSocket } from '../../channel-socket.ts';
import { GatewayRequests } from '../gateway-requests.ts';

/** What S says of a contact's KU. */
export type KeyAnswer =
  | { readonly kind: 'key'; readonly key: PublicKey }
  /** Nobody of this name is registered. */
  | { readonly kind: 'none' }
  | { readonly kind: 'failed'; readonly reason: string };

const timeoutMs = 5000;

export class ClassicDirectory {
  readonly #crypto: Crypto;
  readonly #requests = new GatewayRequests(timeoutMs, () => undefined);

  constructor(crypto: Crypto) {
    this.#crypto = crypto;
  }

  /** Uses a channel whose login is over; the newest one is used. */
  attach(channel: ChannelSocket): void {
    this.#requests.attach(channel);
  }

  async keyOf(jid: string): Promise<KeyAnswer> {
    try {
      const kuA = await this.#requests.ask(
        (request) => classicC1Request.encode({ request, jid }),
        (control) => (control.name === 'classic C1 answer' ? control.values.kuA : undefined),
      );
      return kuA.length === 0 ? { kind: 'none' } : { kind: 'key', key: this.#crypto.p224.publicKey(kuA) };
    } catch (error) {
      return { kind: 'failed', reason: asSimppError(error).message };
    }
  }
}
