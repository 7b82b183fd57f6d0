// English.
import { fingerprintLines, lines, paragraphs, shortId } from '../layout.ts';
import type { Words } from './words.ts';

const compare = (contact: string): string =>
  `Call ${contact}, or meet them, and compare the digits:  verify ${contact}`;
const orRefuse = (contact: string): string =>
  `To go on without comparing:  trust ${contact} accept\nTo send them nothing any more:  trust ${contact} refuse`;
const times = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

export const english: Words = {
  language: 'en',
  presence: (alarms) =>
    alarms === 0 ? 'Encryption is on. Write "help".' : 'Something needs your decision. Write "status".',
  about:
    'SIMPP encrypts what you write. This contact is part of SIMPP on your computer; nothing that you write to it is sent.',
  helpHead: 'This is SIMPP, which encrypts your messages. Write one of these:',
  helpFoot:
    'Write "help" and a command for more. JID is an address like bob@example.org. What you write here stays on this computer.',
  commands: {
    help: { usage: 'help [COMMAND]', summary: 'this list, or how one command is written' },
    status: { usage: 'status', summary: 'how things are, and what needs a decision' },
    contacts: { usage: 'contacts', summary: 'whose keys are known, and how they are trusted' },
    fingerprint: { usage: 'fingerprint [JID]', summary: 'digits to compare: yours, or those of a contact' },
    verify: { usage: 'verify JID [same | start | DIGITS]', summary: 'make sure that a key is really theirs' },
    trust: {
      usage: 'trust JID accept|refuse|reset',
      summary: 'decide about a new key or device; "trust manual" asks you about every first key',
    },
    policy: {
      usage: 'policy [JID] [require|prefer|off|default]',
      summary: 'whether to encrypt: always, when they can, never',
    },
    devices: { usage: 'devices', summary: 'your own devices' },
    approve: { usage: 'approve CODE', summary: 'let a new device of yours read and write' },
    remove: { usage: 'remove ID', summary: 'take a device off your account' },
    outbox: { usage: 'outbox', summary: 'messages that were not sent, and why' },
    resend: { usage: 'resend [NUMBER|all]', summary: 'try to send them again' },
    discard: { usage: 'discard NUMBER|all', summary: 'throw them away' },
    annotate: { usage: 'annotate plaintext|all|none', summary: 'which messages get a mark in their text' },
    retention: { usage: 'retention keep|none|DAYS', summary: 'how long messages are kept on this computer' },
    history: { usage: 'history [JID] TEXT', summary: 'find messages on this computer' },
  },
  unknown: (word, nearest) =>
    nearest === undefined
      ? `"${word}" is no command. Write "help" for all of them.`
      : `"${word}" is no command. Did you mean "${nearest}"? Write "help" for all of them.`,
  incomplete: (usage) => `Write it like this:  ${usage}`,
  failed: 'That did not work. The log of SIMPP says why:  simpp log',
  tooMany: 'Too much at once. Wait for the answers, then go on.',

  trust: {
    undecided: 'not decided',
    blind: 'trusted, not verified',
    verified: 'verified',
    changed: 'another key than before',
    refused: 'refused',
  },
  policy: { require: 'always encrypted', prefer: 'encrypted when they can', off: 'not encrypted' },
  annotate: {
    plaintext: 'messages that came unencrypted from people who could encrypt',
    all: 'all messages',
    none: 'no messages',
  },
  deviceState: {
    listed: 'in use',
    new: 'new, not decided',
    waiting: 'waits for approval',
    skipped: 'gets no messages: no valid key',
    removed: 'removed',
  },
  trustPolicy: { blind: 'first keys are trusted', manual: 'first keys wait for your decision' },

  status: {
    account: (jid) => `You are ${jid}.`,
    device: (state, id) =>
      state === 'registered'
        ? `This device is ${id ?? 'registered'}.`
        : state === 'waiting'
          ? 'This device waits for approval by another one of yours. Until then nothing is encrypted here.'
          : 'This device has no keys yet.',
    code: (code) => `On the other device, write to this contact:  approve ${code}`,
    policy: (policy) => `Messages: ${policy}.`,
    trustPolicy: (policy) => `Trust: ${policy}.`,
    annotate: (annotate) => `Marked: ${annotate}.`,
    retention: (retention) => `Kept here: ${retention}.`,
    directories: (kinds) =>
      kinds.length === 0
        ? 'Keys are published nowhere at the moment.'
        : `Keys are published by: ${kinds.map((kind) => (kind === 'pep' ? 'your account (PEP)' : 'the gateway')).join(', ')}.`,
    contacts: (all, verified) => `Contacts with keys: ${all}, verified: ${verified}.`,
    outbox: (count) =>
      count === 0 ? 'Nothing is unsent.' : `${times(count, 'message is', 'messages are')} unsent. Write "outbox".`,
    alarmsHead: 'This needs you:',
  },
  retention: (retention) =>
    retention === 'keep'
      ? 'all messages'
      : retention === 'none'
        ? 'no messages'
        : `messages of ${times(retention, 'day', 'days')}`,
  noContacts: 'No keys of anybody are known yet. They are fetched when you write to somebody.',
  noDevices: 'No device is known.',
  noFingerprint: (jid) => `No key of ${jid} is known.`,
  ownFingerprint: (jid) => `Your fingerprint (${jid}):`,
  theirFingerprint: (jid) => `Fingerprint of ${jid}:`,
  nextFingerprint: (jid) => `Another key of ${jid} waits for your decision. Its fingerprint:`,
  contactLine: (trust, policy, isOwnPolicy, devices) =>
    `${trust} · ${times(devices, 'device', 'devices')} · ${policy}${isOwnPolicy ? ' (set for this contact)' : ''}`,
  blocked: (reason) => `Nothing is sent to them: ${reason}`,
  lastMessage: (at) => `last message ${at} UTC`,
  more: (count) => `… and ${count} more.`,

  block: {
    undecided: (jid) => `You have not decided about the key of ${jid}. Write to simpp.invalid:  verify ${jid}`,
    'key-changed': (jid) => `${jid} has another key than before. Write to simpp.invalid:  verify ${jid}`,
    refused: (jid) => `You refused the key of ${jid}. To undo it, write to simpp.invalid:  trust ${jid} accept`,
    'new-devices': (jid) =>
      `${jid} has a new device that you have not decided about. Write to simpp.invalid:  trust ${jid} accept`,
  },
  ends: {
    'wrong-digits': 'three times other digits were typed',
    'too-late': 'ten minutes are over',
    'out-of-place': 'its steps came in a wrong order',
    'false-reveal': 'the other side changed its number after it saw yours',
    'answered-elsewhere': 'another device of yours goes on with it',
    cancelled: 'it was cancelled',
  },

  verifyHow: (jid, word) =>
    paragraphs(
      `Call ${jid}, or meet them. Then either compare the digits above with theirs, and if they are the same:\n  verify ${jid} ${word}`,
      `or both of you type six digits. To begin:\n  verify ${jid} start`,
    ),
  verified: (jid) => `${jid} is verified. If the key changes, you will be told, and nothing is sent before you decide.`,
  verification: ({ contact, state, ours, attemptsLeft }, reason) => {
    switch (state) {
      case 'asked':
        return `A verification with ${contact} begins. Call them, or meet them. If ${contact} asked for it, or to go on:  verify ${contact} start`;
      case 'comparing':
        return attemptsLeft !== undefined && attemptsLeft < 3
          ? `That is not what ${contact} sees. ${times(attemptsLeft, 'try is', 'tries are')} left. Your digits for them: ${ours}`
          : `Tell ${contact} these six digits, by voice: ${ours}\nThen type the six that they tell you:  verify ${contact} DIGITS`;
      case 'confirmed':
        return `${contact} is verified.${ours === undefined ? '' : ` If they have not typed your digits yet: ${ours}`}`;
      case 'failed':
        return `The verification with ${contact} failed${reason === undefined ? '' : `: ${reason}`}. Nothing was verified. Somebody may be in between: compare the 60 digits.`;
      case 'over':
        return `The verification with ${contact} is over${reason === undefined ? '' : `: ${reason}`}. To begin again:  verify ${contact} start`;
    }
  },
  verificationAsked: (jid) =>
    `${jid} has been asked. When they answer, six digits appear here. It ends after 10 minutes.`,
  decided: {
    accept: (jid, trust) => `Taken: ${jid} is now "${trust}".`,
    refuse: (jid) => `Nothing is sent to ${jid} any more. To undo it:  trust ${jid} accept`,
    reset: (jid) =>
      `What was known of ${jid} is forgotten. The next key counts as the first. Under the policy "prefer", messages to them go out unencrypted while they have no keys.`,
  },
  policySet: (jid, policy) =>
    jid === undefined ? `For everybody without an own setting: ${policy}.` : `For ${jid}: ${policy}.`,
  trustPolicySet: (policy) => `From now on: ${policy}.`,
  annotateSet: (annotate) => `From now on marked: ${annotate}.`,
  retentionSet: (retention) => `From now on kept: ${retention}.`,
  deviceLine: (id, state, isThis, since, lastSeen) =>
    `${id} · ${state}${isThis ? ' · this one' : ''} · since ${since}${lastSeen === undefined ? '' : ` · last seen ${lastSeen}`}`,
  approveHow: (code, id) =>
    `  It shows the code ${code}. Only if yours shows the same:  approve ${code}\n  If it is not yours:  remove ${id}`,
  noSuchDevice: (word) => `No device of yours is called "${word}". Write "devices" for the list.`,
  severalDevices: (word) => `Several devices begin with "${word}". Type more of it.`,
  approved: 'The device is approved. Your devices:',
  removed: 'The device is removed; it can read nothing that is sent from now on. Your devices:',
  outboxEmpty: 'Nothing is unsent.',
  outboxFoot: 'To try again:  resend NUMBER  or  resend all\nTo throw away:  discard NUMBER',
  unsentLine: (number, at, to, text, reason) => `${number}. ${at} UTC to ${to}: ${text}\n   ${reason}`,
  resent: (count) =>
    count === 0
      ? 'Nothing went out. Write "outbox" for the reasons.'
      : `${times(count, 'message', 'messages')} went out.`,
  discarded: (count) => `${times(count, 'message', 'messages')} thrown away.`,
  nothingFound: (text) => `Nothing found for "${text}".`,
  me: 'you',
  messageState: { encrypted: '', plaintext: ' (not encrypted)', unreadable: ' (could not be read)' },

  form: {
    who: 'Address of the contact (JID)',
    decision: 'Decision',
    policy: 'Encryption',
    word: 'Nothing to see the fingerprint; or "same", "start", the digits',
    device: 'Device: its code, or the beginning of its id',
    number: 'Number in the outbox, or "all"',
    annotate: 'Messages that get a mark',
    days: '"keep", "none", or a number of days',
    text: 'Text to find',
  },
  announcements: {
    'key-changed': ({ contact, fingerprint, wasVerified, isVouched }) =>
      paragraphs(
        lines(
          `${contact} has another key than before. Nothing is sent to them until you decide.`,
          isVouched
            ? 'The new key is signed by the old one, as when somebody sets up anew on purpose.'
            : 'They may have set up anew, or somebody stands between you.',
          wasVerified ? 'You had verified the old key.' : undefined,
        ),
        `The new fingerprint:\n${fingerprintLines(fingerprint)}`,
        lines(compare(contact), orRefuse(contact)),
      ),
    'key-returned': ({ contact }) =>
      `${contact} has their earlier key again. To go on with it:  trust ${contact} accept`,
    undecided: ({ contact, fingerprint }) =>
      paragraphs(
        `${contact} can encrypt. You wanted to decide about first keys, so nothing is sent until you do. Their fingerprint:\n${fingerprintLines(fingerprint)}`,
        lines(compare(contact), orRefuse(contact)),
      ),
    'new-device': ({ contact, device }) =>
      paragraphs(
        `${contact}, whom you verified, has a new device (${shortId(device)}). Nothing is sent to them until you decide. Ask them whether it is theirs.`,
        orRefuse(contact),
      ),
    'device-added': ({ contact, device }) =>
      `${contact} has a new device (${shortId(device)}). It gets your messages from now on.`,
    'device-skipped': ({ contact, device }) =>
      `A device of ${contact}${device === undefined ? '' : ` (${shortId(device)})`} has no valid key in any directory, so encryption with it cannot begin. If that stays so, ask them to start SIMPP there.`,
    'own-device-waiting': ({ device, code }) =>
      paragraphs(
        `A new device wants to be yours. It shows the code ${code}.`,
        `Only if you see this code on your new device:  approve ${code}\nIf it is not yours, change your password, then:  remove ${shortId(device)}`,
      ),
    'own-device-added': ({ device }) =>
      `Your account has a new device (${shortId(device)}). If it is not yours:  remove ${shortId(device)}`,
    'own-device-removed': () =>
      paragraphs(
        'This device was removed from your account. It cannot read what is sent from now on, and nothing is sent from here.',
        'If that was a mistake, enter your recovery phrase on this computer with "simpp recovery enter".',
      ),
    'opt-out': ({ contact }) =>
      paragraphs(
        `${contact} asks for messages without encryption. Servers can read those.`,
        `To agree:  policy ${contact} off\nOtherwise do nothing: your messages stay encrypted.`,
      ),
    unsent: ({ number, to, reason }) =>
      paragraphs(
        `Your message to ${to} was not sent. ${reason}`,
        `It is number ${number} in the outbox.\nTo try again:  resend ${number}\nTo throw it away:  discard ${number}`,
      ),
    unreadable: ({ contact, reason }) =>
      `A message from ${contact} cannot be read. ${reason} Ask them to write it again.`,
    'restored-database': () =>
      'The keys on this computer are an older copy, as after restoring a backup. New ones were made, and everybody gets them with your next message. Messages that were on their way may be unreadable: ask for them again.',
    'list-rolled-back': ({ contact, seen, known }) =>
      `A directory gave an old device list of ${contact} (version ${seen}, while version ${known} is known). It was not used. If this stays so, tell whoever runs the server.`,
    'two-lists': ({ contact }) =>
      paragraphs(
        `Two different device lists of ${contact} have the same version. An honest directory does not do that. Nothing is sent to them until you decide.`,
        lines(compare(contact), orRefuse(contact)),
      ),
    'two-keys': ({ contact }) =>
      paragraphs(
        `The directories give two different keys for ${contact}. The one that was known before is kept; where none was, nothing is sent.`,
        lines(compare(contact), orRefuse(contact)),
      ),
    'session-broken': ({ contact, device }) =>
      `What came from ${contact} (device ${shortId(device)}) did not fit, so encryption with that device begins anew. You need do nothing.`,
    'no-keys': ({ contact }) =>
      paragraphs(
        `${contact} has no keys, and you wanted messages to them always encrypted. Nothing is sent to them.`,
        `They need SIMPP. To write to them without encryption:  policy ${contact} off`,
      ),
    'old-prekey': ({ contact, device, days }) =>
      `A device of ${contact} (${shortId(device)}) was not online for ${days} days. After 90 days it gets no messages any more.`,
    'first-encrypted': ({ contact, fingerprint }) =>
      paragraphs(
        `Messages with ${contact} are encrypted now. Their fingerprint:\n${fingerprintLines(fingerprint)}`,
        compare(contact),
      ),
    verification: ({ reason, ...facts }) =>
      english.verification(facts, reason === undefined ? undefined : english.ends[reason]),
  },
};
