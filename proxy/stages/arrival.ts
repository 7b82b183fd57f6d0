// Names a part for the stages: its start tag is decoded once, here.
import type { StreamPart } from '../../shared/xml/scanner.ts';
import { namespaceOf, readStartTag, type Bindings } from '../../shared/xml/tag.ts';
import type { Arrival, Side } from './stage.ts';

/** A part as the stages see it. */
export function arrival(from: Side, part: StreamPart, scope: Bindings): Arrival {
  switch (part.kind) {
    case 'element': {
      const tag = readStartTag(part.bytes);
      return { from, part, scope, tag, name: `{${namespaceOf(tag, scope) ?? ''}}${tag.local}` };
    }
    case 'header':
      return { from, part, scope, tag: readStartTag(part.bytes), name: '' };
    case 'space':
    case 'footer':
      return { from, part, scope, tag: undefined, name: '' };
  }
}
