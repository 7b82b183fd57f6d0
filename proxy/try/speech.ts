// Reads what people say from the bytes between their clients and the proxy.
import { StreamScanner, serverLimits } from '../../shared/xml/scanner.ts';
import { noBindings, type Bindings } from '../../shared/xml/tag.ts';
import { ns } from '../../shared/xmpp/namespaces.ts';
import { childText, stanzaHead } from '../../shared/xmpp/stanza.ts';
import { readHeader } from '../../shared/xmpp/stream-header.ts';
import type { Said } from './talk.ts';

/** Finds the messages that one client receives. */
export class Listener {
  readonly #heard: (said: Said) => void;
  readonly #scanner = new StreamScanner(serverLimits);
  #scope: Bindings = noBindings;
  #isDeaf = false;

  constructor(heard: (said: Said) => void) {
    this.#heard = heard;
  }

  /** Bytes on their way to the client. */
  push(chunk: Uint8Array): void {
    if (this.#isDeaf) return;
    try {
      this.#scanner.push(chunk);
      for (let part = this.#scanner.next(); part !== undefined; part = this.#scanner.next()) {
        if (part.kind === 'header') this.#scope = readHeader(part.bytes).bindings;
        if (part.kind === 'element') this.#read(part.bytes);
      }
    } catch {
      // The picture is only a picture: a stream that it cannot follow is left alone.
      this.#isDeaf = true;
    }
  }

  #read(element: Uint8Array): void {
    const head = stanzaHead(element, this.#scope);
    if (head.local === 'success') this.#scanner.restart();
    if (head.local !== 'message') return;
    const text = childText(element, this.#scope, ns.client, 'body');
    if (text !== undefined) this.#heard({ from: head.from ?? '', to: head.to ?? '', text });
  }
}
