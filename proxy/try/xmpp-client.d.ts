// @xmpp/client comes without types: what SIMPP uses of it.

declare module '@xmpp/client' {
  import type { Element } from '@xmpp/xml';

  export interface Client {
    /** `element` is every child of the stream, `stanza` only message, presence and iq. */
    on(event: 'stanza' | 'element', listener: (element: Element) => void): this;
    on(event: 'error', listener: (error: Error) => void): this;
    readonly reconnect: { stop(): void };
    /** For each step of the connection, in milliseconds. */
    timeout: number;
    start(): Promise<{ toString(): string }>;
    stop(): Promise<unknown>;
    send(stanza: Element): Promise<void>;
  }

  export function client(options: {
    readonly service: string;
    readonly domain: string;
    readonly username: string;
    readonly password: string;
    readonly resource?: string;
  }): Client;

  export function xml(
    name: string,
    attributes?: Readonly<Record<string, string>>,
    ...children: readonly (Element | string)[]
  ): Element;
}
