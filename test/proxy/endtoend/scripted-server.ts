// The server's end of a stream with own requests: the test says what each is answered with.
import type { Requests, RequestStream } from '../../../proxy/endtoend/requests.ts';
import { utf8 } from '../../../shared/bytes.ts';
import type { Bindings } from '../../../shared/xml/tag.ts';
import { escapeAttribute } from '../../../shared/xml/write.ts';
import { ns } from '../../../shared/xmpp/namespaces.ts';
import { stanzaHead } from '../../../shared/xmpp/stanza.ts';

export const scope: Bindings = new Map([['', ns.client]]);

/** One request as the server gets it. */
export interface Asked {
  readonly id: string;
  readonly type: string;
  readonly to: string | undefined;
  readonly xml: string;
  /** The pubsub node that it is about. */
  readonly node: string;
}

/** What stands inside the answer and its type; undefined: never an answer. */
export type Script = (asked: Asked) => Reply | undefined;

export interface Reply {
  readonly type?: 'result' | 'error';
  readonly from?: string | undefined;
  readonly content?: string;
}

export function errorReply(condition: string, type = 'cancel', more = ''): Reply {
  return {
    type: 'error',
    content: `<error type='${type}'><${condition} xmlns='${ns.stanzaErrors}'/>${more}</error>`,
  };
}

export function itemsReply(node: string, ...items: readonly string[]): Reply {
  return { content: `<pubsub xmlns='${ns.pubsub}'><items node='${node}'>${items.join('')}</items></pubsub>` };
}

export function itemXml(payload: string, text: string, id = 'current'): string {
  return `<item id='${id}'><${payload} xmlns='urn:simpp:e2e:2'>${text}</${payload}></item>`;
}

export class ScriptedServer {
  readonly asked: Asked[] = [];
  readonly stream: RequestStream;
  readonly #requests: Requests;

  private constructor(requests: Requests, jid: string, script: Script) {
    this.#requests = requests;
    this.stream = {
      jid,
      send: (stanza) => {
        const { id = '', type = '', to } = stanzaHead(stanza, scope);
        const xml = Buffer.from(stanza).toString();
        const asked = { id, type, to, xml, node: /node='([^']+)'/.exec(xml)?.[1] ?? '' };
        this.asked.push(asked);
        const reply = script(asked);
        if (reply !== undefined) queueMicrotask(() => this.answer(id, { from: to, ...reply }));
      },
    };
  }

  /** The server's end of another stream. */
  static join(requests: Requests, jid: string, script: Script): ScriptedServer {
    const server = new ScriptedServer(requests, jid, script);
    requests.attach(server.stream);
    return server;
  }

  answer(id: string, { type = 'result', from, content = '' }: Reply): void {
    const by = from === undefined ? '' : ` from='${escapeAttribute(from)}'`;
    this.#requests.answered(utf8(`<iq type='${type}' id='${id}'${by}>${content}</iq>`), scope);
  }
}
