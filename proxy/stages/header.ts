// The client's stream header goes up as it is (transparency.md §3.2), but for
// two things: `from` never crosses a leg that is not encrypted, and a header
// without `to`, which means the only domain of this proxy, must say it.
import { readStartTag } from '../../shared/xml/tag.ts';
import { withAttribute, withoutAttribute } from '../../shared/xml/attribute.ts';
import { onward, type Stage } from './stage.ts';

export interface HeaderRules {
  readonly withFrom: boolean;
  /** Written where the client wrote no `to`. */
  readonly domain: string;
}

/** A header under these rules; every byte that they do not concern stays. */
export function rewriteHeader(header: Uint8Array, rules: HeaderRules): Uint8Array {
  const shown = rules.withFrom ? header : withoutAttribute(header, 'from');
  return readStartTag(shown).attributes.has('to') ? shown : withAttribute(shown, 'to', rules.domain);
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
