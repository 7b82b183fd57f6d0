// What stands in the chat itself: marks before a text, and what is shown in the
// place of a message that cannot be read.

/** Why a message cannot be read. */
export type Unreadable =
  | 'malformed'
  | 'not-for-this-device'
  | 'own-not-kept'
  | 'key-gone'
  | 'session-ended'
  | 'session-unknown'
  | 'forged'
  | 'other-key'
  | 'removed-device'
  | 'device-waits'
  | 'misaddressed';

interface ShownWords {
  readonly plaintext: string;
  readonly encrypted: string;
  readonly late: (time: string) => string;
  readonly refused: string;
  readonly refusedAct: string;
  readonly unreadable: Readonly<Record<Unreadable, string>>;
}

const words: Readonly<Record<'en' | 'de', ShownWords>> = {
  en: {
    plaintext: '[unencrypted] ',
    encrypted: '[encrypted] ',
    late: (time) => `[written ${time}] `,
    refused:
      'SIMPP did not show a message that came unencrypted: your policy for this contact requires encryption. Ask them to write again.',
    refusedAct:
      'SIMPP did not carry out a deletion, correction or reaction that came unencrypted: anybody on the way could have made it. Earlier messages stay as they were.',
    unreadable: {
      malformed: 'SIMPP cannot read this message: it is damaged. Ask to send it again.',
      'not-for-this-device':
        'SIMPP cannot read this message: it was not encrypted for this device, perhaps written before the device was approved. Ask to send it again.',
      'own-not-kept': 'You wrote this here; it is not kept any more.',
      'key-gone':
        'SIMPP cannot read this message: it was read before and is not kept any more, or it came too late. Ask to send it again.',
      'session-ended': 'SIMPP cannot read this message: its session has ended. Ask to send it again.',
      'session-unknown':
        'SIMPP cannot read this message: its session is not known here, perhaps after a restore. A new one has begun; ask to send it again.',
      forged:
        'SIMPP cannot read this message: it was changed on its way, or its session is broken. Ask to send it again.',
      'other-key':
        'SIMPP does not show this message: it comes from somebody with another key than this contact. Decide by "trust" to SIMPP first.',
      'removed-device': 'SIMPP does not show this message: it comes from a device that the contact has removed.',
      'device-waits': 'SIMPP cannot read this message before this device is approved. Write "devices" to SIMPP.',
      misaddressed: 'SIMPP does not show this message: what is inside is addressed to or from somebody else.',
    },
  },
  de: {
    plaintext: '[unverschlüsselt] ',
    encrypted: '[verschlüsselt] ',
    late: (time) => `[geschrieben ${time}] `,
    refused:
      'SIMPP hat eine Nachricht nicht gezeigt, die unverschlüsselt kam: Deine Regel für diesen Kontakt verlangt Verschlüsselung. Bitte ihn, noch einmal zu schreiben.',
    refusedAct:
      'SIMPP hat eine Löschung, Korrektur oder Reaktion nicht ausgeführt, die unverschlüsselt kam: Jeder auf dem Weg könnte sie gemacht haben. Frühere Nachrichten bleiben, wie sie waren.',
    unreadable: {
      malformed: 'SIMPP kann diese Nachricht nicht lesen: Sie ist beschädigt. Bitte darum, sie noch einmal zu senden.',
      'not-for-this-device':
        'SIMPP kann diese Nachricht nicht lesen: Sie war nicht für dieses Gerät verschlüsselt, vielleicht vor seiner Zulassung geschrieben. Bitte darum, sie noch einmal zu senden.',
      'own-not-kept': 'Das hast du hier geschrieben; es ist nicht mehr aufbewahrt.',
      'key-gone':
        'SIMPP kann diese Nachricht nicht lesen: Sie wurde schon gelesen und ist nicht mehr aufbewahrt, oder sie kam zu spät. Bitte darum, sie noch einmal zu senden.',
      'session-ended':
        'SIMPP kann diese Nachricht nicht lesen: Ihre Sitzung ist beendet. Bitte darum, sie noch einmal zu senden.',
      'session-unknown':
        'SIMPP kann diese Nachricht nicht lesen: Ihre Sitzung ist hier nicht bekannt, vielleicht nach einer Wiederherstellung. Eine neue hat begonnen; bitte darum, sie noch einmal zu senden.',
      forged:
        'SIMPP kann diese Nachricht nicht lesen: Sie wurde unterwegs verändert, oder ihre Sitzung ist gestört. Bitte darum, sie noch einmal zu senden.',
      'other-key':
        'SIMPP zeigt diese Nachricht nicht: Sie kommt von jemandem mit einem anderen Schlüssel als dieser Kontakt. Entscheide zuerst mit „trust“ an SIMPP.',
      'removed-device': 'SIMPP zeigt diese Nachricht nicht: Sie kommt von einem Gerät, das der Kontakt entfernt hat.',
      'device-waits':
        'SIMPP kann diese Nachricht erst lesen, wenn dieses Gerät zugelassen ist. Schreib „devices“ an SIMPP.',
      misaddressed: 'SIMPP zeigt diese Nachricht nicht: Was darin steht, ist an oder von jemand anderem.',
    },
  },
};

/** In the language of a stream; English for those that we do not have. */
export function shownWords(lang: string | undefined): ShownWords {
  return lang?.toLowerCase().startsWith('de') === true ? words.de : words.en;
}
