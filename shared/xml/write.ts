// Writing the few elements that SIMPP makes itself. XML that is ready to send
// has a type of its own, which only escaping and element() produce: a plain
// string is no child, so forgetting to escape does not compile.

declare const xmlBrand: unique symbol;

/** Text that is well-formed XML content already. */
export type Xml = string & { readonly [xmlBrand]: true };

const references: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

// XML cannot carry these at all, not even as references (XML 1.0 §2.2).
// eslint-disable-next-line no-control-regex
const uncarriable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

function carriable(text: string): string {
  return text.toWellFormed().replace(uncarriable, '\ufffd');
}

/** Character data for a text; what XML cannot carry becomes U+FFFD. */
export function escapeText(text: string): Xml {
  return carriable(text).replace(/[&<>\r]/g, (char) => references[char]!) as Xml;
}

/** Attribute value, without its quotes, for a text; what XML cannot carry becomes U+FFFD. */
export function escapeAttribute(text: string): string {
  return carriable(text).replace(/[&<>"'\t\n\r]/g, (char) => references[char]!);
}

/** Marks a string as XML: only for bytes that the scanner has passed, or literals. */
export function trustedXml(xml: string): Xml {
  return xml as Xml;
}

/** Attributes by qualified name; an undefined one is left out. */
export type Attributes = Readonly<Record<string, string | undefined>>;

/** The start tag of an element, for streams, whose end comes much later. */
export function startTag(name: string, attributes: Attributes = {}): string {
  let tag = `<${name}`;
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined) tag += ` ${key}='${escapeAttribute(value)}'`;
  }
  return `${tag}>`;
}

/** One element with children in order; text goes in as `escapeText(text)`. */
export function element(name: string, attributes: Attributes = {}, ...children: readonly Xml[]): Xml {
  const tag = startTag(name, attributes);
  const content = children.join('');
  return (content === '' ? `${tag.slice(0, -1)}/>` : `${tag}${content}</${name}>`) as Xml;
}
