// A stream of an account at a real server, with the engine's own requests on it:
// what the client leg does with them is the stage's, and left out here.
import { Requests, type RequestStream } from '../../../proxy/endtoend/requests.ts';
import { ownIdPrefix } from '../../../proxy/endtoend/own-id.ts';
import type { Bindings } from '../../../shared/xml/tag.ts';
import { bindingsOf, noBindings, readStartTag } from '../../../shared/xml/tag.ts';
import { serverLimits, StreamScanner } from '../../../shared/xml/scanner.ts';
import { stanzaHead } from '../../../shared/xmpp/stanza.ts';
import type { Login } from '../support/proxy-side.ts';
import type { RawClient } from '../support/raw-client.ts';
import { logInRaw } from '../support/raw-session.ts';

export class AccountStream implements AsyncDisposable {
  readonly jid: string;
  readonly requests: Requests;
  readonly #client: RawClient;
  readonly #stream: RequestStream;
  readonly #scanner = new StreamScanner(serverLimits);
  #scope: Bindings = noBindings;

  private constructor(jid: string, requests: Requests, client: RawClient) {
    this.jid = jid;
    this.requests = requests;
    this.#client = client;
    const [, full = ''] = /<jid>([^<]+)<\/jid>/.exec(client.text) ?? [];
    this.#stream = { jid: full, send: (stanza) => client.write(stanza) };
    this.#scanner.push(client.bytes.subarray(client.bytes.lastIndexOf('<stream:stream')));
    client.onChunk((chunk) => this.#hear(chunk));
    this.requests.attach(this.#stream);
  }

  static async open(login: Login, requests = new Requests(login.jid)): Promise<AccountStream> {
    return new AccountStream(login.jid, requests, await logInRaw(login));
  }

  /** All that the server said on it. */
  get text(): string {
    return this.#client.text;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.requests.detach(this.#stream);
    await this.#client[Symbol.asyncDispose]();
  }

  #hear(chunk: Uint8Array): void {
    this.#scanner.push(chunk);
    for (let part = this.#scanner.next(); part !== undefined; part = this.#scanner.next()) {
      if (part.kind === 'header') this.#scope = bindingsOf(readStartTag(part.bytes));
      else if (part.kind === 'element' && stanzaHead(part.bytes, this.#scope).id?.startsWith(ownIdPrefix)) {
        this.requests.answered(part.bytes.slice(), this.#scope);
      }
    }
  }
}
