// What both sides of C3 compute alike (docs/protocol.md §9.2): the transcript
// TH, the session's id, K_AB, and what A signs. TH holds everything that the
// two must agree on, so that a signature of A speaks of this session alone.
import { concat, utf8 } from '../bytes.ts';
import type { Crypto } from '../crypto/provider.ts';
import { labelled } from './labels.ts';

/** The suite of client to client, as it stands in TH. */
export const endToEndSuite = 'P256+MLKEM768_AESGCM_SHA256_DR';

/** One side as TH names it. */
export interface TranscriptParty {
  readonly jid: string;
  readonly kuA: Uint8Array;
  readonly certificateName: Uint8Array;
  /** As A knows it. */
  readonly listVersion: number;
}

/** What TH is made of. */
export interface SessionTranscript {
  readonly a: TranscriptParty;
  readonly b: TranscriptParty;
  readonly gX: Uint8Array;
  readonly prekey: {
    readonly id: number;
    readonly issued: number;
    readonly gY: Uint8Array;
    readonly ek: Uint8Array;
  };
  readonly oneTime?: { readonly id: number; readonly key: Uint8Array } | undefined;
  readonly ct: Uint8Array;
}

const suite = utf8(endToEndSuite);
const nothing = new Uint8Array(0);
const zeros = new Uint8Array(32);
const ones = new Uint8Array(32).fill(0xff);

function u64(value: number): Uint8Array {
  const encoded = new Uint8Array(8);
  new DataView(encoded.buffer).setBigUint64(0, BigInt(value));
  return encoded;
}

/** TH. */
export function transcriptHash(crypto: Crypto, transcript: SessionTranscript): Uint8Array {
  const { a, b, gX, prekey, oneTime, ct } = transcript;
  return crypto.sha256(
    labelled(
      'c3-transcript',
      suite,
      utf8(a.jid),
      utf8(b.jid),
      a.kuA,
      b.kuA,
      a.certificateName,
      b.certificateName,
      u64(a.listVersion),
      u64(b.listVersion),
      gX,
      prekey.gY,
      u64(prekey.id),
      u64(prekey.issued),
      oneTime === undefined ? nothing : u64(oneTime.id),
      oneTime?.key ?? nothing,
      prekey.ek,
      ct,
    ),
  );
}

/** The id of the session with this TH. */
export const sessionIdOf = (crypto: Crypto, th: Uint8Array): Uint8Array => crypto.sha256(labelled('session-id', th));

/** What KR_Ds of A signs. */
export const signedC3 = (th: Uint8Array): Uint8Array => labelled('C3', th);

/** K_AB of DH1, DH2, DH3, DH4 where there is one, and the KEM's secret. */
export function deriveKAB(
  crypto: Crypto,
  th: Uint8Array,
  agreed: readonly Uint8Array[],
  kemSecret: Uint8Array,
): Uint8Array {
  return crypto.hkdf(zeros, concat(ones, ...agreed, kemSecret), labelled('k-ab', th), 32);
}
