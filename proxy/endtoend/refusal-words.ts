// What a client is told when its message was not sent: a stanza error's
// condition, and a text that says what would mend it.
import type { DefinedError } from '../../shared/xmpp/refusal.ts';
import type { Refusal } from './sending-rules.ts';

type Language = 'en' | 'de';

const conditions: Readonly<Record<Refusal['kind'], DefinedError>> = {
  'no-keys': { type: 'cancel', condition: 'policy-violation' },
  'keys-vanished': { type: 'cancel', condition: 'policy-violation' },
  'no-device': { type: 'wait', condition: 'recipient-unavailable' },
  undecided: { type: 'wait', condition: 'policy-violation' },
  'look-up-failed': { type: 'wait', condition: 'remote-server-timeout' },
  'not-encryptable': { type: 'cancel', condition: 'policy-violation' },
  room: { type: 'cancel', condition: 'policy-violation' },
  'device-waits': { type: 'wait', condition: 'policy-violation' },
  'storage-failed': { type: 'wait', condition: 'resource-constraint' },
  'not-sealed': { type: 'cancel', condition: 'not-acceptable' },
};

type Sentence = (to: string, refusal: Refusal) => string;

const sentences: Readonly<Record<Language, Readonly<Record<Refusal['kind'], Sentence>>>> = {
  en: {
    'no-keys': (to) =>
      `${to} has no encryption keys, and your policy requires encryption. "policy ${to} prefer" to SIMPP allows plaintext.`,
    'keys-vanished': (to) =>
      `${to} had encryption keys, and they are gone. Ask them by another way; "policy ${to} off" to SIMPP allows plaintext.`,
    'no-device': (to) =>
      `No device of ${to} can be written to: their keys are too old or withheld. Ask them to come online.`,
    undecided: (_to, refusal) => (refusal.kind === 'undecided' ? refusal.text : ''),
    'look-up-failed': (to, refusal) =>
      `The keys of ${to} could not be looked up${refusal.kind === 'look-up-failed' ? ` (${refusal.reason})` : ''}. Try again later.`,
    'not-encryptable': () => 'This cannot be encrypted, and your policy requires encryption.',
    room: (to) =>
      `Rooms are not encrypted yet, and your policy requires encryption. "policy ${to} prefer" to SIMPP allows plaintext.`,
    'device-waits': () =>
      'This device waits for approval by another device of yours, or for the recovery phrase. Write "devices" to SIMPP.',
    'storage-failed': () => 'The message could not be kept on the disk, so it was not sent. Is the disk full?',
    'not-sealed': (_to, refusal) =>
      `The message could not be encrypted, so it was not sent. ${refusal.kind === 'not-sealed' ? refusal.text : ''}`,
  },
  de: {
    'no-keys': (to) =>
      `${to} hat keine Schlüssel, und deine Regel verlangt Verschlüsselung. „policy ${to} prefer“ an SIMPP erlaubt Klartext.`,
    'keys-vanished': (to) =>
      `${to} hatte Schlüssel, und sie sind verschwunden. Frag auf anderem Weg nach; „policy ${to} off“ an SIMPP erlaubt Klartext.`,
    'no-device': (to) =>
      `Kein Gerät von ${to} ist erreichbar: Die Schlüssel sind zu alt oder werden zurückgehalten. Bitte sie, sich anzumelden.`,
    undecided: (_to, refusal) => (refusal.kind === 'undecided' ? refusal.text : ''),
    'look-up-failed': (to, refusal) =>
      `Die Schlüssel von ${to} waren nicht zu finden${refusal.kind === 'look-up-failed' ? ` (${refusal.reason})` : ''}. Versuch es später noch einmal.`,
    'not-encryptable': () => 'Das lässt sich nicht verschlüsseln, und deine Regel verlangt Verschlüsselung.',
    room: (to) =>
      `Räume werden noch nicht verschlüsselt, und deine Regel verlangt es. „policy ${to} prefer“ an SIMPP erlaubt Klartext.`,
    'device-waits': () =>
      'Dieses Gerät wartet auf die Zulassung durch ein anderes deiner Geräte oder auf die Wiederherstellungswörter. Schreib „devices“ an SIMPP.',
    'storage-failed': () => 'Die Nachricht ließ sich nicht speichern und wurde nicht gesendet. Ist die Platte voll?',
    'not-sealed': (_to, refusal) =>
      `Die Nachricht ließ sich nicht verschlüsseln und wurde nicht gesendet. ${refusal.kind === 'not-sealed' ? refusal.text : ''}`,
  },
};

const languageOf = (lang: string | undefined): Language =>
  lang?.toLowerCase().startsWith('de') === true ? 'de' : 'en';

/** The error for a message that was not sent to `to`. */
export function refusalAnswer(
  refusal: Refusal,
  to: string,
  lang: string | undefined,
): DefinedError & { readonly text: string; readonly lang: string } {
  const language = languageOf(lang);
  // Clients shall do what they would have done had the server refused the message itself.
  const refused = refusal.kind === 'look-up-failed' ? refusal.refused : undefined;
  return {
    ...(refused ?? conditions[refusal.kind]),
    text: sentences[language][refusal.kind](to, refusal),
    lang: language,
  };
}
