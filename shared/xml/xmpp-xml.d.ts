// @xmpp/xml comes without types: what SIMPP uses of it.

declare module '@xmpp/xml' {
  export type Node = Element | string;

  export class Element {
    constructor(name: string, attributes?: string | Record<string, string | undefined>);
    name: string;
    parent: Element | null;
    attrs: Record<string, string>;
    children: Node[];
    is(name: string, namespace?: string): boolean;
    getName(): string;
    getNS(): string | undefined;
    getChild(name: string, namespace?: string): Element | undefined;
    getChildren(name: string, namespace?: string): Element[];
    getChildElements(): Element[];
    getChildText(name: string, namespace?: string): string | null;
    getText(): string;
    text(): string;
    append(...nodes: Node[]): void;
    prepend(...nodes: Node[]): void;
    remove(child: Element | string, namespace?: string): this;
    toString(): string;
  }

  export class Parser {
    on(event: 'start' | 'element' | 'end', listener: (element: Element) => void): this;
    on(event: 'error', listener: (error: Error) => void): this;
    write(data: string): void;
    end(data?: string): void;
  }

  export default function xml(
    name: string,
    attributes?: string | Record<string, string | undefined> | null,
    ...children: readonly (Node | undefined | null)[]
  ): Element;
}
