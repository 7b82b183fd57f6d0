// What is sent in the bench: messages as long as people's usual ones, about 200
// bytes, which servers do not archive (XEP-0334 §4).
const body = 'the heron stands in the reeds and waits for the fish that knows it';

export const messageEnd = '</message>';

export function message(to: string, id: string): string {
  return `<message to='${to}' type='chat' id='${id}'><body>${body}</body><no-store xmlns='urn:xmpp:hints'/></message>`;
}
