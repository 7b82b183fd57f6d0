// The client's stream header goes up as it is (transparency.md §3.2), but for
// two things: `from` never crosses a leg that is not encrypted, and a header
// without `to`, which means the only domain of this proxy, must say it.
import { concat, utf8 } from '../../shared/bytes.ts';
import { readStartTag } from '../../shared/xml/tag.ts';
import { decode } from '../../shared/xml/utf8.ts';
import { escapeAttribute } from '../../shared/xml/write.ts';
import { onward, type Stage } from './stage.ts';

export interface HeaderRules {
  readonly withFrom: boolean;
  /** Written where the client wrote no `to`. */
  readonly domain: string;
}

/** A header under these rules; every byte that they do not concern stays. */
export function rewriteHeader(header: Uint8Array, rules: HeaderRules): Uint8Array {
  const tag = readStartTag(header);
  let text = decode(header.subarray(tag.start, tag.end));
  const nameEnd = tag.name.length + 1;
  if (!rules.withFrom && tag.attributes.has('from')) text = without(text, nameEnd, 'from');
  if (!tag.attributes.has('to')) {
    text = `${text.slice(0, nameEnd)} to='${escapeAttribute(rules.domain)}'${text.slice(nameEnd)}`;
  }
  return concat(header.subarray(0, tag.start), utf8(text), header.subarray(tag.end));
}

/** A start tag without one attribute; going from attribute to attribute, no look-alike inside quotes is met. */
function without(tag: string, nameEnd: number, attribute: string): string {
  const next = /\s+([^\s=]+)\s*=\s*(?:"[^"]*"|'[^']*')/y;
  for (let at = nameEnd; ; at = next.lastIndex) {
    next.lastIndex = at;
    const match = next.exec(tag);
    if (match === null) return tag;
    if (match[1] === attribute) return tag.slice(0, at) + tag.slice(next.lastIndex);
  }
}

export function headerStage(rules: HeaderRules): Stage<undefined> {
  return {
    initial: undefined,
    step: (state, { from, part }) => {
      if (from !== 'client' || part.kind !== 'header') return { state, effects: onward };
      return { state, effects: [{ kind: 'forward', bytes: rewriteHeader(part.bytes, rules) }] };
    },
  };
}
