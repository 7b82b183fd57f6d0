// German. Commands stay English: they are the same in every language.
import { fingerprintLines, lines, paragraphs, shortId } from '../layout.ts';
import type { Words } from './words.ts';

const compare = (contact: string): string =>
  `Ruf ${contact} an oder trefft euch, und vergleicht die Ziffern:  verify ${contact}`;
const orRefuse = (contact: string): string =>
  `Ohne Vergleich weiter:  trust ${contact} accept\nNichts mehr dorthin senden:  trust ${contact} refuse`;
const times = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

export const german: Words = {
  language: 'de',
  presence: (alarms) =>
    alarms === 0 ? 'Verschlüsselung ist an. Schreib „help“.' : 'Etwas braucht deine Entscheidung. Schreib „status“.',
  about:
    'SIMPP verschlüsselt, was du schreibst. Dieser Kontakt gehört zu SIMPP auf deinem Rechner; was du ihm schreibst, wird nicht gesendet.',
  helpHead: 'Das ist SIMPP; es verschlüsselt deine Nachrichten. Schreib eines davon:',
  helpFoot:
    'Mehr zu einem Befehl: „help“ und sein Name. JID ist eine Adresse wie bob@example.org. Was du hier schreibst, bleibt auf diesem Rechner.',
  commands: {
    help: { usage: 'help [BEFEHL]', summary: 'diese Liste, oder wie ein Befehl geschrieben wird' },
    status: { usage: 'status', summary: 'wie es steht und was eine Entscheidung braucht' },
    contacts: { usage: 'contacts', summary: 'wessen Schlüssel bekannt sind und wie ihnen vertraut wird' },
    fingerprint: { usage: 'fingerprint [JID]', summary: 'Ziffern zum Vergleichen: deine oder die eines Kontakts' },
    verify: { usage: 'verify JID [same | start | ZIFFERN]', summary: 'sicherstellen, dass ein Schlüssel echt ist' },
    trust: {
      usage: 'trust JID accept|refuse|reset',
      summary: 'über neue Schlüssel oder Geräte entscheiden; „trust manual“ fragt bei jedem ersten Schlüssel',
    },
    policy: {
      usage: 'policy [JID] [require|prefer|off|default]',
      summary: 'ob verschlüsselt wird: immer, wenn möglich, nie',
    },
    devices: { usage: 'devices', summary: 'deine eigenen Geräte' },
    approve: { usage: 'approve CODE', summary: 'ein neues eigenes Gerät mitlesen und schreiben lassen' },
    remove: { usage: 'remove ID', summary: 'ein Gerät aus deinem Konto nehmen' },
    outbox: { usage: 'outbox', summary: 'nicht gesendete Nachrichten und warum' },
    resend: { usage: 'resend [NUMMER|all]', summary: 'noch einmal senden' },
    discard: { usage: 'discard NUMMER|all', summary: 'verwerfen' },
    annotate: { usage: 'annotate plaintext|all|none', summary: 'welche Nachrichten im Text gekennzeichnet werden' },
    retention: { usage: 'retention keep|none|TAGE', summary: 'wie lange Nachrichten auf diesem Rechner bleiben' },
    history: { usage: 'history [JID] TEXT', summary: 'Nachrichten auf diesem Rechner finden' },
  },
  unknown: (word, nearest) =>
    nearest === undefined
      ? `„${word}“ ist kein Befehl. Schreib „help“ für alle.`
      : `„${word}“ ist kein Befehl. Meinst du „${nearest}“? Schreib „help“ für alle.`,
  incomplete: (usage) => `Schreib es so:  ${usage}`,
  failed: 'Das ging nicht. Warum, sagt das Protokoll von SIMPP:  simpp log',
  tooMany: 'Zu viel auf einmal. Warte auf die Antworten, dann weiter.',

  trust: {
    undecided: 'nicht entschieden',
    blind: 'vertraut, nicht überprüft',
    verified: 'überprüft',
    changed: 'anderer Schlüssel als zuvor',
    refused: 'abgelehnt',
  },
  policy: { require: 'immer verschlüsselt', prefer: 'verschlüsselt, wenn möglich', off: 'nicht verschlüsselt' },
  annotate: {
    plaintext: 'unverschlüsselte Nachrichten von Leuten, die verschlüsseln könnten',
    all: 'alle Nachrichten',
    none: 'keine Nachrichten',
  },
  deviceState: {
    listed: 'in Gebrauch',
    new: 'neu, nicht entschieden',
    waiting: 'wartet auf Freigabe',
    skipped: 'bekommt nichts: kein gültiger Schlüssel',
    removed: 'entfernt',
  },
  trustPolicy: { blind: 'ersten Schlüsseln wird vertraut', manual: 'erste Schlüssel warten auf deine Entscheidung' },

  status: {
    account: (jid) => `Du bist ${jid}.`,
    device: (state, id) =>
      state === 'registered'
        ? `Dieses Gerät ist ${id ?? 'angemeldet'}.`
        : state === 'waiting'
          ? 'Dieses Gerät wartet auf Freigabe durch ein anderes von dir. Bis dahin wird hier nichts verschlüsselt.'
          : 'Dieses Gerät hat noch keine Schlüssel.',
    code: (code) => `Schreib diesem Kontakt auf dem anderen Gerät:  approve ${code}`,
    policy: (policy) => `Nachrichten: ${policy}.`,
    trustPolicy: (policy) => `Vertrauen: ${policy}.`,
    annotate: (annotate) => `Gekennzeichnet: ${annotate}.`,
    retention: (retention) => `Hier aufbewahrt: ${retention}.`,
    directories: (kinds) =>
      kinds.length === 0
        ? 'Deine Schlüssel sind im Moment nirgends veröffentlicht.'
        : `Deine Schlüssel veröffentlicht: ${kinds.map((kind) => (kind === 'pep' ? 'dein Konto (PEP)' : 'das Gateway')).join(', ')}.`,
    contacts: (all, verified) => `Kontakte mit Schlüsseln: ${all}, überprüft: ${verified}.`,
    outbox: (count) =>
      count === 0
        ? 'Nichts ist ungesendet.'
        : `${times(count, 'Nachricht ist', 'Nachrichten sind')} ungesendet. Schreib „outbox“.`,
    alarmsHead: 'Das braucht dich:',
  },
  retention: (retention) =>
    retention === 'keep'
      ? 'alle Nachrichten'
      : retention === 'none'
        ? 'keine Nachrichten'
        : `Nachrichten von ${times(retention, 'Tag', 'Tagen')}`,
  noContacts: 'Noch sind von niemandem Schlüssel bekannt. Sie werden geholt, wenn du jemandem schreibst.',
  noDevices: 'Kein Gerät ist bekannt.',
  noFingerprint: (jid) => `Von ${jid} ist kein Schlüssel bekannt.`,
  ownFingerprint: (jid) => `Dein Fingerabdruck (${jid}):`,
  theirFingerprint: (jid) => `Fingerabdruck von ${jid}:`,
  nextFingerprint: (jid) => `Ein anderer Schlüssel von ${jid} wartet auf deine Entscheidung. Sein Fingerabdruck:`,
  contactLine: (trust, policy, isOwnPolicy, devices) =>
    `${trust} · ${times(devices, 'Gerät', 'Geräte')} · ${policy}${isOwnPolicy ? ' (für diesen Kontakt gesetzt)' : ''}`,
  blocked: (reason) => `Dorthin wird nichts gesendet: ${reason}`,
  lastMessage: (at) => `letzte Nachricht ${at} UTC`,
  more: (count) => `… und ${count} weitere.`,

  block: {
    undecided: (jid) =>
      `Über den Schlüssel von ${jid} hast du nicht entschieden. Schreib an simpp.invalid:  verify ${jid}`,
    'key-changed': (jid) => `${jid} hat einen anderen Schlüssel als zuvor. Schreib an simpp.invalid:  verify ${jid}`,
    refused: (jid) =>
      `Du hast den Schlüssel von ${jid} abgelehnt. Rückgängig, mit einem Wort an simpp.invalid:  trust ${jid} accept`,
    'new-devices': (jid) =>
      `${jid} hat ein neues Gerät, über das du nicht entschieden hast. Schreib an simpp.invalid:  trust ${jid} accept`,
  },
  ends: {
    'wrong-digits': 'dreimal wurden andere Ziffern getippt',
    'too-late': 'zehn Minuten sind um',
    'out-of-place': 'die Schritte kamen in falscher Reihenfolge',
    'false-reveal': 'die andere Seite änderte ihre Zahl, nachdem sie deine sah',
    'answered-elsewhere': 'ein anderes Gerät von dir macht damit weiter',
    cancelled: 'abgebrochen',
  },

  verifyHow: (jid, word) =>
    paragraphs(
      `Ruf ${jid} an oder trefft euch. Dann vergleicht entweder die Ziffern oben, und sind sie gleich:\n  verify ${jid} ${word}`,
      `oder tippt beide sechs Ziffern. Um anzufangen:\n  verify ${jid} start`,
    ),
  verified: (jid) =>
    `${jid} ist überprüft. Ändert sich der Schlüssel, erfährst du es, und vor deiner Entscheidung wird nichts gesendet.`,
  verification: ({ contact, state, ours, attemptsLeft }, reason) => {
    switch (state) {
      case 'asked':
        return `Eine Überprüfung mit ${contact} beginnt. Ruf an oder trefft euch. Hat ${contact} darum gebeten, oder um weiterzumachen:  verify ${contact} start`;
      case 'comparing':
        return attemptsLeft !== undefined && attemptsLeft < 3
          ? `Das ist nicht, was ${contact} sieht. Noch ${times(attemptsLeft, 'Versuch', 'Versuche')}. Deine Ziffern für sie: ${ours}`
          : `Sag ${contact} diese sechs Ziffern, mit der Stimme: ${ours}\nDann tippe die sechs, die du hörst:  verify ${contact} ZIFFERN`;
      case 'confirmed':
        return `${contact} ist überprüft.${ours === undefined ? '' : ` Falls deine Ziffern dort noch fehlen: ${ours}`}`;
      case 'failed':
        return `Die Überprüfung mit ${contact} ist gescheitert${reason === undefined ? '' : `: ${reason}`}. Nichts wurde überprüft. Vielleicht ist jemand dazwischen: vergleicht die 60 Ziffern.`;
      case 'over':
        return `Die Überprüfung mit ${contact} ist vorbei${reason === undefined ? '' : `: ${reason}`}. Noch einmal:  verify ${contact} start`;
    }
  },
  verificationAsked: (jid) =>
    `${jid} ist gefragt. Kommt die Antwort, erscheinen hier sechs Ziffern. Nach 10 Minuten ist es vorbei.`,
  decided: {
    accept: (jid, trust) => `Angenommen: ${jid} ist jetzt „${trust}“.`,
    refuse: (jid) => `An ${jid} wird nichts mehr gesendet. Rückgängig:  trust ${jid} accept`,
    reset: (jid) =>
      `Was von ${jid} bekannt war, ist vergessen. Der nächste Schlüssel zählt als der erste. Mit der Regel „prefer“ gehen Nachrichten dorthin unverschlüsselt hinaus, solange es dort keine Schlüssel gibt.`,
  },
  policySet: (jid, policy) =>
    jid === undefined ? `Für alle ohne eigene Einstellung: ${policy}.` : `Für ${jid}: ${policy}.`,
  trustPolicySet: (policy) => `Von jetzt an: ${policy}.`,
  annotateSet: (annotate) => `Von jetzt an gekennzeichnet: ${annotate}.`,
  retentionSet: (retention) => `Von jetzt an aufbewahrt: ${retention}.`,
  deviceLine: (id, state, isThis, since, lastSeen) =>
    `${id} · ${state}${isThis ? ' · dieses hier' : ''} · seit ${since}${lastSeen === undefined ? '' : ` · zuletzt ${lastSeen}`}`,
  approveHow: (code, id) =>
    `  Es zeigt den Code ${code}. Nur wenn deines denselben zeigt:  approve ${code}\n  Ist es nicht deines:  remove ${id}`,
  noSuchDevice: (word) => `Keines deiner Geräte heißt „${word}“. Schreib „devices“ für die Liste.`,
  severalDevices: (word) => `Mehrere Geräte beginnen mit „${word}“. Tippe mehr davon.`,
  approved: 'Das Gerät ist freigegeben. Deine Geräte:',
  removed: 'Das Gerät ist entfernt; was von jetzt an gesendet wird, kann es nicht lesen. Deine Geräte:',
  outboxEmpty: 'Nichts ist ungesendet.',
  outboxFoot: 'Noch einmal senden:  resend NUMMER  oder  resend all\nVerwerfen:  discard NUMMER',
  unsentLine: (number, at, to, text, reason) => `${number}. ${at} UTC an ${to}: ${text}\n   ${reason}`,
  resent: (count) =>
    count === 0
      ? 'Nichts ging hinaus. Schreib „outbox“ für die Gründe.'
      : `${times(count, 'Nachricht ging', 'Nachrichten gingen')} hinaus.`,
  discarded: (count) => `${times(count, 'Nachricht', 'Nachrichten')} verworfen.`,
  nothingFound: (text) => `Nichts gefunden für „${text}“.`,
  me: 'du',
  messageState: { encrypted: '', plaintext: ' (nicht verschlüsselt)', unreadable: ' (nicht lesbar)' },

  form: {
    who: 'Adresse des Kontakts (JID)',
    decision: 'Entscheidung',
    policy: 'Verschlüsselung',
    word: 'Leer für den Fingerabdruck; oder „same“, „start“, die Ziffern',
    device: 'Gerät: sein Code oder der Anfang seiner ID',
    number: 'Nummer im Ausgang oder „all“',
    annotate: 'Nachrichten, die gekennzeichnet werden',
    days: '„keep“, „none“ oder eine Zahl von Tagen',
    text: 'Gesuchter Text',
  },
  announcements: {
    'key-changed': ({ contact, fingerprint, wasVerified, isVouched }) =>
      paragraphs(
        lines(
          `${contact} hat einen anderen Schlüssel als zuvor. Bis du entscheidest, wird dorthin nichts gesendet.`,
          isVouched
            ? 'Der alte Schlüssel hat den neuen unterschrieben, wie wenn jemand sich absichtlich neu einrichtet.'
            : 'Vielleicht wurde dort neu eingerichtet, vielleicht steht jemand zwischen euch.',
          wasVerified ? 'Den alten Schlüssel hattest du überprüft.' : undefined,
        ),
        `Der neue Fingerabdruck:\n${fingerprintLines(fingerprint)}`,
        lines(compare(contact), orRefuse(contact)),
      ),
    'key-returned': ({ contact }) =>
      `${contact} hat wieder den früheren Schlüssel. Um damit weiterzumachen:  trust ${contact} accept`,
    undecided: ({ contact, fingerprint }) =>
      paragraphs(
        `${contact} kann verschlüsseln. Du wolltest über erste Schlüssel entscheiden; bis dahin wird nichts gesendet. Der Fingerabdruck:\n${fingerprintLines(fingerprint)}`,
        lines(compare(contact), orRefuse(contact)),
      ),
    'new-device': ({ contact, device }) =>
      paragraphs(
        `${contact} ist überprüft und hat ein neues Gerät (${shortId(device)}). Bis du entscheidest, wird dorthin nichts gesendet. Frag nach, ob es echt ist.`,
        orRefuse(contact),
      ),
    'device-added': ({ contact, device }) =>
      `${contact} hat ein neues Gerät (${shortId(device)}). Es bekommt deine Nachrichten von jetzt an.`,
    'device-skipped': ({ contact, device }) =>
      `Ein Gerät von ${contact}${device === undefined ? '' : ` (${shortId(device)})`} hat in keinem Verzeichnis einen gültigen Schlüssel, deshalb kann Verschlüsselung damit nicht beginnen. Bleibt das so, bitte sie, SIMPP dort zu starten.`,
    'own-device-waiting': ({ device, code }) =>
      paragraphs(
        `Ein neues Gerät will deines sein. Es zeigt den Code ${code}.`,
        `Nur wenn du diesen Code auf deinem neuen Gerät siehst:  approve ${code}\nIst es nicht deines, ändere dein Passwort, dann:  remove ${shortId(device)}`,
      ),
    'own-device-added': ({ device }) =>
      `Dein Konto hat ein neues Gerät (${shortId(device)}). Ist es nicht deines:  remove ${shortId(device)}`,
    'own-device-removed': () =>
      paragraphs(
        'Dieses Gerät wurde aus deinem Konto entfernt. Es kann nicht lesen, was von jetzt an gesendet wird, und von hier wird nichts gesendet.',
        'War das ein Versehen, gib deine Wiederherstellungswörter auf diesem Rechner mit "simpp recovery enter" ein.',
      ),
    'opt-out': ({ contact }) =>
      paragraphs(
        `${contact} bittet um Nachrichten ohne Verschlüsselung. Server können die lesen.`,
        `Zustimmen:  policy ${contact} off\nSonst tu nichts: deine Nachrichten bleiben verschlüsselt.`,
      ),
    unsent: ({ number, to, reason }) =>
      paragraphs(
        `Deine Nachricht an ${to} wurde nicht gesendet. ${reason}`,
        `Sie ist Nummer ${number} im Ausgang.\nNoch einmal senden:  resend ${number}\nVerwerfen:  discard ${number}`,
      ),
    unreadable: ({ contact, reason }) =>
      `Eine Nachricht von ${contact} ist nicht lesbar. ${reason} Bitte sie noch einmal schreiben lassen.`,
    'restored-database': () =>
      'Die Schlüssel auf diesem Rechner sind eine ältere Kopie, wie nach dem Einspielen einer Sicherung. Neue wurden erzeugt, und alle bekommen sie mit deiner nächsten Nachricht. Was unterwegs war, ist vielleicht nicht lesbar: frag danach.',
    'list-rolled-back': ({ contact, seen, known }) =>
      `Ein Verzeichnis gab eine alte Geräteliste von ${contact} (Version ${seen}, bekannt ist ${known}). Sie wurde nicht verwendet. Bleibt das so, sag es denen, die den Server betreiben.`,
    'two-lists': ({ contact }) =>
      paragraphs(
        `Zwei verschiedene Gerätelisten von ${contact} haben dieselbe Version. Ein ehrliches Verzeichnis tut das nicht. Bis du entscheidest, wird dorthin nichts gesendet.`,
        lines(compare(contact), orRefuse(contact)),
      ),
    'two-keys': ({ contact }) =>
      paragraphs(
        `Die Verzeichnisse geben zwei verschiedene Schlüssel für ${contact}. Der von früher bekannte bleibt; gab es keinen, wird nichts gesendet.`,
        lines(compare(contact), orRefuse(contact)),
      ),
    'session-broken': ({ contact, device }) =>
      `Was von ${contact} (Gerät ${shortId(device)}) kam, passte nicht; die Verschlüsselung mit diesem Gerät beginnt neu. Du musst nichts tun.`,
    'no-keys': ({ contact }) =>
      paragraphs(
        `${contact} hat keine Schlüssel, und du wolltest dorthin immer verschlüsseln. Es wird nichts gesendet.`,
        `Dort braucht es SIMPP. Ohne Verschlüsselung schreiben:  policy ${contact} off`,
      ),
    'old-prekey': ({ contact, device, days }) =>
      `Ein Gerät von ${contact} (${shortId(device)}) war ${days} Tage nicht online. Nach 90 Tagen bekommt es nichts mehr.`,
    'first-encrypted': ({ contact, fingerprint }) =>
      paragraphs(
        `Nachrichten mit ${contact} sind jetzt verschlüsselt. Der Fingerabdruck:\n${fingerprintLines(fingerprint)}`,
        compare(contact),
      ),
    verification: ({ reason, ...facts }) =>
      german.verification(facts, reason === undefined ? undefined : german.ends[reason]),
  },
};
