// A person's client on one of their machines: it talks with people, gets copies
// of what its other clients say (XEP-0280), and talks with SIMPP's own contact.
import { SlixmppClient, type SlixmppEvent } from '../support/slixmpp.ts';
import type { Login } from '../support/proxy-side.ts';

const contact = 'simpp.invalid';

const code = /[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}/;

/** The code of a waiting device that stands in this text. */
export const codeIn = (text: string): string => code.exec(text)?.[0] ?? '';

export class PersonClient implements AsyncDisposable {
  readonly client: SlixmppClient;

  private constructor(client: SlixmppClient) {
    this.client = client;
  }

  static async login(login: Login): Promise<PersonClient> {
    const client = await SlixmppClient.login({ ...login, plugins: ['xep_0280'] });
    client.command({ do: 'send', xml: `<iq type='set' id='carbons'><enable xmlns='urn:xmpp:carbons:2'/></iq>` });
    await client.ping();
    return new PersonClient(client);
  }

  get jid(): string {
    return this.client.jid;
  }

  say(to: string, body: string): void {
    this.client.say(to, body);
  }

  /** The text as it came to this client, or the copy of what another client of the person got or said. */
  async hears(body: string): Promise<SlixmppEvent> {
    const isIt = ({ event, ...fields }: SlixmppEvent): boolean =>
      (event === 'message' || event === 'carbon') && fields['body'] === body;
    return await this.client.events.take(isIt, `${JSON.stringify(body)} at a client of ${this.jid}`);
  }

  /** Whether any text with these words has come, in whatever form. */
  hasSeen(words: string): boolean {
    return this.client.events.all.some((event) => JSON.stringify(event).includes(words));
  }

  /** What SIMPP's own contact says of this, asked or not. */
  async isTold(what: RegExp): Promise<string> {
    const isIt = (event: SlixmppEvent): boolean =>
      event.event === 'message' && String(event['from']).startsWith(contact) && what.test(String(event['body']));
    const told = await this.client.events.take(isIt, `${what} from ${contact} at a client of ${this.jid}`);
    return String(told['body']);
  }

  /** Writes a command to SIMPP's own contact, and waits for the answer that is of this kind. */
  async asks(command: string, answer: RegExp): Promise<string> {
    this.client.command({ do: 'message', to: contact, body: command });
    return await this.isTold(answer);
  }

  /** The code that this device shows while it waits for approval. */
  async ownCode(): Promise<string> {
    await this.asks('devices', /waits for approval · this one/);
    return codeIn(await this.asks('status', code));
  }

  /** The error that comes back for a message that is not sent. */
  async isRefused(id: string): Promise<string> {
    const isIt = (event: SlixmppEvent): boolean =>
      event.event === 'message' && event['type'] === 'error' && event['id'] === id;
    const error = await this.client.events.take(isIt, `the error for ${id} at ${this.jid}`);
    return String(error['xml']);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client[Symbol.asyncDispose]();
  }
}
