// A word of the virtual contact that nobody asked for, as text and as a stanza.
import { utf8 } from '../../../shared/bytes.ts';
import { element, escapeText, type Xml } from '../../../shared/xml/write.ts';
import { ns } from '../../../shared/xmpp/namespaces.ts';
import type { AnnouncementFacts, AnnouncementKind } from './facts.ts';
import { virtualContactJid } from './address.ts';
import { wordsFor } from './words/choose.ts';

/** The text of an announcement in the person's language. */
export function announce<Kind extends AnnouncementKind>(
  kind: Kind,
  facts: AnnouncementFacts[Kind],
  lang?: string,
): string {
  return wordsFor(lang).announcements[kind](facts);
}

export interface Wording {
  /** The client's full JID. */
  readonly to: string;
  readonly id: string;
  readonly from?: string;
  readonly lang?: string | undefined;
}

/** A chat message of the virtual contact. Clients must not answer or archive it elsewhere, so no receipt is asked for. */
export function contactMessage(text: string, { to, id, from, lang }: Wording, ...children: readonly Xml[]): Uint8Array {
  return utf8(
    element(
      'message',
      {
        xmlns: ns.client,
        from: from ?? virtualContactJid,
        to,
        type: 'chat',
        id,
        'xml:lang': wordsFor(lang).language,
      },
      element('body', {}, escapeText(text)),
      ...children,
    ),
  );
}
