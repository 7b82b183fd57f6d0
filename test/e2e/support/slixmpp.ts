// A real slixmpp client (Debian's python3-slixmpp) that a test plays by commands
// and events; see slixmpp_client.py beside this file.
import { fileURLToPath } from 'node:url';

import { DrivenProcess } from './driven-process.ts';
import { keepSecret } from './evidence.ts';
import { Inbox } from './inbox.ts';

export interface SlixmppSetup {
  readonly host: string;
  readonly port: number;
  readonly jid: string;
  readonly password: string;
  readonly tls?: 'none' | 'starttls' | 'direct';
  /** PEM file of the CA that the client trusts. */
  readonly caFile?: string;
  readonly keepCertificateUnchecked?: boolean;
  /** One SASL mechanism instead of the best. */
  readonly mechanism?: string;
  /** slixmpp refuses PLAIN without TLS unless told. */
  readonly plainInClear?: boolean;
  readonly plugins?: readonly string[];
  /** Registers the account in-band (XEP-0077) before the login. */
  readonly register?: boolean;
  readonly debug?: boolean;
}

export interface SlixmppEvent {
  readonly event: string;
  readonly [field: string]: unknown;
}

export interface ReceivedMessage extends SlixmppEvent {
  readonly event: 'message';
  readonly from: string;
  readonly to: string;
  readonly type: string;
  readonly id: string;
  readonly body: string;
  /** The whole stanza. */
  readonly xml: string;
}

const script = fileURLToPath(new URL('slixmpp_client.py', import.meta.url));

export class SlixmppClient implements AsyncDisposable {
  readonly events = new Inbox<SlixmppEvent>();
  readonly jid: string;
  readonly #process: DrivenProcess;

  private constructor(setup: SlixmppSetup) {
    this.jid = setup.jid;
    const name = `slixmpp ${setup.jid}`;
    this.#process = new DrivenProcess('/usr/bin/python3', [script], { name });
    // One JSON object a line is what the script promises.
    this.#process.onLine((line) => this.events.put(JSON.parse(line) as SlixmppEvent));
    void this.#process.exited.then(() => this.events.close(`${name} ended:\n${this.log}`));
    this.#process.writeLine(JSON.stringify(setup));
  }

  /** Connects and tries to log in; look at the events for how it went. */
  static connect(setup: SlixmppSetup): SlixmppClient {
    return new SlixmppClient(setup);
  }

  /** Logged in, roster read, available. */
  static async login(setup: SlixmppSetup): Promise<SlixmppClient> {
    const client = new SlixmppClient(setup);
    const ends = new Set(['session', 'auth-failed', 'stream-error', 'connection-failed', 'disconnected']);
    try {
      const end = await client.events.take(({ event }) => ends.has(event), `the login of ${setup.jid}`);
      if (end.event !== 'session')
        throw new Error(`${setup.jid} could not log in: ${JSON.stringify(client.events.all)}`);
      return client;
    } catch (error) {
      await client[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Standard error of the client, with the whole stream if the set-up says `debug`. */
  get log(): string {
    return this.#process.errors;
  }

  event(name: string): Promise<SlixmppEvent> {
    return this.events.take(({ event }) => event === name, `${name} at ${this.jid}`);
  }

  say(to: string, body: string, extra: { readonly type?: string; readonly id?: string } = {}): void {
    // Commands to SIMPP are words of its own.
    if (to !== 'simpp.invalid') keepSecret('body', body);
    this.command({ do: 'message', to, body, ...extra });
  }

  /** The next message with this text. */
  hear(body: string): Promise<ReceivedMessage> {
    const wanted = (event: SlixmppEvent): event is ReceivedMessage =>
      event.event === 'message' && event['body'] === body;
    return this.events.take(wanted, `the message ${JSON.stringify(body)} at ${this.jid}`);
  }

  /** Seconds of a round trip to the server (XEP-0199). */
  async ping(): Promise<number> {
    this.command({ do: 'ping' });
    return Number((await this.event('pong'))['seconds']);
  }

  command(command: Readonly<Record<string, unknown>> & { readonly do: string }): void {
    this.#process.writeLine(JSON.stringify(command));
  }

  /** Closes the stream as a client should, and waits for the server's close. */
  async logout(): Promise<void> {
    this.#process.endInput();
    await this.#process.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }
}
