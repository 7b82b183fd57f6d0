// An established channel as one end sees it (docs/protocol.md §7): bytes of
// the XMPP stream and control messages in, records out, and back. A channel
// that ends without a close record was cut, and says so.
import { concat } from '../bytes.ts';
import { SimppError } from '../errors.ts';
import { padControl, readControl, type Control } from './control.ts';
import type { Session } from './handshake.ts';
import { maxPlaintextBytes, RecordOpener, RecordSealer } from './records.ts';

/** What comes out of a channel, in order. */
export type ChannelEvent =
  | { readonly kind: 'data'; readonly bytes: Uint8Array }
  | { readonly kind: 'control'; readonly control: Control }
  | { readonly kind: 'closed' };

/** Which end of a channel this is. */
export type ChannelRole = 'client' | 'gateway';

/** One end of a channel; does no I/O. */
export class Channel {
  /** The transcript hash that an enrolment inside this channel is bound to. */
  readonly binding: Uint8Array;
  readonly #sealer: RecordSealer;
  readonly #opener: RecordOpener;
  #closedByPeer = false;

  constructor(session: Session, role: ChannelRole) {
    this.binding = session.binding;
    this.#sealer = new RecordSealer(role === 'client' ? session.client : session.gateway);
    this.#opener = new RecordOpener(role === 'client' ? session.gateway : session.client);
  }

  /** Bytes of the XMPP stream as records of at most 16 KiB each. */
  sealData(data: Uint8Array): Uint8Array {
    if (data.length <= maxPlaintextBytes) return this.#sealer.seal('data', data);
    const records: Uint8Array[] = [];
    for (let at = 0; at < data.length; at += maxPlaintextBytes) {
      records.push(this.#sealer.seal('data', data.subarray(at, at + maxPlaintextBytes)));
    }
    return concat(...records);
  }

  /** An encoded control message as one padded record. */
  sealControl(encoded: Uint8Array): Uint8Array {
    return this.#sealer.seal('control', padControl(encoded));
  }

  /** The close record: nothing follows it. */
  sealClose(): Uint8Array {
    return this.#sealer.seal('close', new Uint8Array(0));
  }

  /** Adds bytes from the wire. */
  push(chunk: Uint8Array): void {
    this.#opener.push(chunk);
  }

  /** The next event, or undefined until more bytes come; throws when a record is forged or follows the close. */
  next(): ChannelEvent | undefined {
    if (this.#closedByPeer) {
      if (this.#opener.bufferedBytes > 0) throw new SimppError('record-forged', 'bytes follow the close record');
      return undefined;
    }
    const record = this.#opener.next();
    if (record === undefined) return undefined;
    switch (record.type) {
      case 'data':
        return { kind: 'data', bytes: record.plaintext };
      case 'control':
        return { kind: 'control', control: readControl(record.plaintext) };
      case 'close':
        if (record.plaintext.length > 0) throw new SimppError('malformed-message', 'a close record is not empty');
        this.#closedByPeer = true;
        return { kind: 'closed' };
    }
  }

  /** The connection ended: throws SimppError('channel-truncated') unless the peer had closed the channel. */
  end(): void {
    if (!this.#closedByPeer) throw new SimppError('channel-truncated');
  }

  /** Mixes K_AS of an enrolment into the sending key. */
  mixSending(kAS: Uint8Array): void {
    this.#sealer.mix(kAS);
  }

  /** Mixes K_AS of an enrolment into the receiving key. */
  mixReceiving(kAS: Uint8Array): void {
    this.#opener.mix(kAS);
  }
}
