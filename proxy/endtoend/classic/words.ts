// What people read of the classic profile in the place of a message, or in the
// error that answers theirs.
import type { StanzaError } from '../../../shared/xmpp/stream-error.ts';
import type { Reach } from './talk.ts';

/** Why a message was not sent. */
export type ClassicRefusal =
  | Exclude<Reach, { readonly kind: 'talk' }>
  /** It is for a room, a service or oneself, or has no text that could be encrypted. */
  | { readonly kind: 'not-encryptable' }
  | { readonly kind: 'too-long' };

type Words = {
  readonly [Kind in ClassicRefusal['kind']]: (
    to: string,
    refusal: Extract<ClassicRefusal, { readonly kind: Kind }>,
  ) => string;
} & { readonly unreadable: string };

const words: Readonly<Record<'en' | 'de', Words>> = {
  en: {
    'no-key': (to, { hadKey }) =>
      hadKey
        ? `${to} had a key at the gateway, and it is gone. Nothing was sent.`
        : `${to} has no key at the gateway, and e2e is "require". Nothing was sent.`,
    'no-answer': (to) =>
      `${to} did not answer. In the profile classic both must be online with SIMPP. Nothing was sent; try again later.`,
    failed: (to, { reason }) =>
      `No conversation with ${to} could begin (${reason}). Nothing was sent; try again later.`,
    'not-encryptable': () =>
      'The profile classic encrypts the text of messages between two people only, and e2e is "require". Nothing was sent.',
    'too-long': () => 'This message is too long to be encrypted. Nothing was sent.',
    unreadable:
      'SIMPP cannot read this message: its conversation is over, or it was changed on its way. Ask to send it again.',
  },
  de: {
    'no-key': (to, { hadKey }) =>
      hadKey
        ? `${to} hatte einen Schlüssel beim Gateway, und er ist weg. Nichts wurde gesendet.`
        : `${to} hat keinen Schlüssel beim Gateway, und e2e ist „require“. Nichts wurde gesendet.`,
    'no-answer': (to) =>
      `${to} hat nicht geantwortet. Im Profil classic müssen beide mit SIMPP angemeldet sein. Nichts wurde gesendet; versuch es später noch einmal.`,
    failed: (to, { reason }) =>
      `Kein Gespräch mit ${to} konnte beginnen (${reason}). Nichts wurde gesendet; versuch es später noch einmal.`,
    'not-encryptable': () =>
      'Das Profil classic verschlüsselt nur den Text von Nachrichten zwischen zwei Leuten, und e2e ist „require“. Nichts wurde gesendet.',
    'too-long': () => 'Diese Nachricht ist zu lang zum Verschlüsseln. Nichts wurde gesendet.',
    unreadable:
      'SIMPP kann diese Nachricht nicht lesen: Ihr Gespräch ist vorbei, oder sie wurde unterwegs verändert. Bitte darum, sie noch einmal zu senden.',
  },
};

const conditions: Readonly<Record<ClassicRefusal['kind'], Pick<StanzaError, 'type' | 'condition'>>> = {
  'no-key': { type: 'cancel', condition: 'policy-violation' },
  'no-answer': { type: 'wait', condition: 'recipient-unavailable' },
  failed: { type: 'wait', condition: 'policy-violation' },
  'not-encryptable': { type: 'cancel', condition: 'policy-violation' },
  'too-long': { type: 'modify', condition: 'not-acceptable' },
};

const languageOf = (lang: string | undefined): 'en' | 'de' =>
  lang?.toLowerCase().startsWith('de') === true ? 'de' : 'en';

/** The error for a message to `to` that was not sent. */
export function classicRefusal(refusal: ClassicRefusal, to: string, lang: string | undefined): StanzaError {
  const language = languageOf(lang);
  // as: the entry of a kind takes refusals of that kind.
  const sentence = words[language][refusal.kind] as (to: string, refusal: ClassicRefusal) => string;
  return { ...conditions[refusal.kind], text: sentence(to, refusal), lang: language };
}

/** What is shown in the place of a message that cannot be read. */
export function classicUnreadable(lang: string | undefined): string {
  return words[languageOf(lang)].unreadable;
}
