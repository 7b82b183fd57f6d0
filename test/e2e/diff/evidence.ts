// What a client had received when its case went wrong, to be read by people.
import type { Received } from './recorded-client.ts';
import type { XmlNode } from './xml-stream.ts';

const shownEvents = 12;
const shownCharacters = 600;

export function evidence(name: string, received: readonly Received[]): string {
  const shown = received.slice(-shownEvents).map((event) => `    ${shorten(describe(event))}`);
  return [`  ${name} received, at last:`, ...shown].join('\n');
}

/** Long lines cut in their middle. */
export function shorten(line: string): string {
  if (line.length <= shownCharacters) return line;
  const half = shownCharacters / 2;
  return `${line.slice(0, half)} … ${line.length - shownCharacters} characters … ${line.slice(-half)}`;
}

function describe(event: Received): string {
  switch (event.kind) {
    case 'header':
    case 'element':
      return write(event.node, '');
    case 'broken':
      return `no XML: ${event.why}`;
    default:
      return `(${event.kind})`;
  }
}

function write({ namespace, local, attributes, children }: XmlNode, outer: string): string {
  const pairs = [...attributes].map(([key, value]) => ` ${key}='${value}'`).join('');
  const start = `<${local}${namespace === outer ? '' : ` xmlns='${namespace}'`}${pairs}`;
  const inside = children.map((child) => (typeof child === 'string' ? child : write(child, namespace))).join('');
  return inside === '' ? `${start}/>` : `${start}>${inside}</${local}>`;
}
