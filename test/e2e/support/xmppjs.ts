// A client on @xmpp/client, over plaintext to an address of the test's choice.
import { client, xml, type Client } from '@xmpp/client';
import type { Element } from '@xmpp/xml';

import { loginClient } from '../../../proxy/try/xmpp-login.ts';
import { keepSecret } from './evidence.ts';
import { Inbox } from './inbox.ts';

export interface XmppJsSetup {
  readonly host: string;
  readonly port: number;
  readonly jid: string;
  readonly password: string;
}

export class XmppJsClient implements AsyncDisposable {
  readonly stanzas = new Inbox<Element>();
  readonly jid: string;
  readonly #client: Client;
  #address = '';

  private constructor(setup: XmppJsSetup) {
    const [username = '', domain = ''] = setup.jid.split('@');
    const service = `xmpp://${setup.host}:${setup.port}`;
    this.jid = setup.jid;
    this.#client = client({ service, domain, username, password: setup.password });
    this.#client.on('stanza', (stanza) => this.stanzas.put(stanza));
    // `start` rejects with it as well; without a listener it would end the process.
    this.#client.on('error', (error) => this.stanzas.close(String(error)));
  }

  /** Logged in and available; rejects with the error that the stream ended with. */
  static async login(setup: XmppJsSetup): Promise<XmppJsClient> {
    const driver = new XmppJsClient(setup);
    try {
      driver.#address = await loginClient(driver.#client);
      return driver;
    } catch (error) {
      await driver[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The full JID that the server gave. */
  get address(): string {
    return this.#address;
  }

  async send(stanza: Element): Promise<void> {
    await this.#client.send(stanza);
  }

  async say(to: string, body: string): Promise<void> {
    keepSecret('body', body);
    await this.send(xml('message', { to, type: 'chat' }, xml('body', {}, body)));
  }

  /** The next message with this text. */
  async hear(body: string): Promise<Element> {
    const wanted = (stanza: Element): boolean => stanza.name === 'message' && stanza.getChildText('body') === body;
    return await this.stanzas.take(wanted, `the message ${JSON.stringify(body)} at ${this.jid}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.stop();
  }
}
