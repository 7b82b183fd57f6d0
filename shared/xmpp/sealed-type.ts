// The type of a message as both ends of its encryption take it, whatever a
// server between them makes of it (docs/protocol.md §9.4).

const types: ReadonlySet<string> = new Set(['chat', 'error', 'groupchat', 'headline', 'normal']);

/** The type that the payload of a message is tied to: `normal` for none and for what RFC 6121 §5.2.2 does not define. */
export function sealedType(written: string | undefined): string {
  return written !== undefined && types.has(written) ? written : 'normal';
}
