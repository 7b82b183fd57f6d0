// From what was decided about trust and verification to what a person reads:
// so that an error in a chat, the outbox and the virtual contact say the same.
import { fingerprintDigits, personFingerprint } from '../../../shared/simpp/fingerprint.ts';
import type { Crypto } from '../../../shared/crypto/provider.ts';
import type { VerificationFacts } from '../desk.ts';
import type { Block, Known, TrustNotice } from '../trust.ts';
import type { EndReason, Verification } from '../verification.ts';
import { announce } from './announcement.ts';
import { wordsFor } from './words/choose.ts';

/** Why nothing is sent, and what would mend it. */
export function blockText(jid: string, block: Block, lang?: string): string {
  return block.kind === 'alarm' ? block.text : wordsFor(lang).block[block.kind](jid);
}

/** The announcement of what a bundle brought; `known` is what is known after it. */
export function noticeText(crypto: Crypto, { contact }: Known, notice: TrustNotice, lang?: string): string {
  const { jid } = contact;
  const digits = (kuA: Uint8Array | undefined): string =>
    kuA === undefined ? '' : fingerprintDigits(personFingerprint(crypto, jid, kuA));
  switch (notice.kind) {
    case 'undecided':
      return announce('undecided', { contact: jid, fingerprint: digits(contact.kuA) }, lang);
    case 'key-changed': {
      const { wasVerified, isVouched } = notice;
      return announce(
        'key-changed',
        { contact: jid, fingerprint: digits(contact.nextKuA), wasVerified, isVouched },
        lang,
      );
    }
    case 'list-rolled-back':
      return announce('list-rolled-back', { contact: jid, seen: notice.seen, known: notice.known }, lang);
    case 'new-device':
    case 'device-added':
      return announce(notice.kind, { contact: jid, device: notice.deviceId }, lang);
    case 'key-returned':
    case 'two-keys':
    case 'two-lists':
      return announce(notice.kind, { contact: jid }, lang);
  }
}

/** Ends that mean that somebody may stand between. */
const suspicious: readonly EndReason[] = ['wrong-digits', 'out-of-place', 'false-reveal'];

/** A verification as a person sees it; undefined where there is none. */
export function verificationFacts(
  state: Verification,
): (VerificationFacts & { readonly reason?: EndReason | undefined }) | undefined {
  switch (state.kind) {
    case 'none':
      return undefined;
    case 'committed':
    case 'asked':
    case 'answered':
      return { contact: state.contact.jid, state: 'asked' };
    case 'comparing':
      return { contact: state.contact.jid, state: 'comparing', ours: state.ours, attemptsLeft: state.attemptsLeft };
    case 'confirmed':
      return { contact: state.contact.jid, state: 'confirmed', ours: state.ours };
    case 'over': {
      const { contact, reason } = state;
      return { contact: contact.jid, state: suspicious.includes(reason) ? 'failed' : 'over', reason };
    }
  }
}
