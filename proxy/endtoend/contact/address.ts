// Where the virtual contact lives: a name that never resolves (RFC 6761 §6.4),
// so that nothing for it can leave by mistake.

export const virtualContactJid = 'simpp.invalid';

/** Whether a stanza with this `to` is for the virtual contact, whatever local part or resource it names. */
export function isVirtualContact(to: string | undefined): boolean {
  const bare = to?.split('/', 1)[0]?.toLowerCase();
  return bare === virtualContactJid || bare?.endsWith(`@${virtualContactJid}`) === true;
}
