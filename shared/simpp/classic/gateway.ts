// S's side of the classic profile (docs/protocol.md §10): it stores ID_A, KU_A
// and K_A right after R3, as published; profile simpp-2 does not.
import { concat, equalBytes, utf8 } from '../../bytes.ts';
import { decodeOneOf } from '../../codec/message.ts';
import type { ValuesOf } from '../../codec/message.ts';
import type { Crypto, PrivateKey } from '../../crypto/provider.ts';
import { isAccountOf } from '../account-id.ts';
import type { Entropy } from '../entropy.ts';
import type { ClassicAccount, GatewayStep } from '../handshake.ts';
import { classicMasterKey, classicSession, openUnder, sealUnder } from './cipher.ts';
import {
  classicR1,
  classicR2,
  classicR2Content,
  classicR3,
  classicS1,
  classicS1Content,
  classicS2,
  classicS2Content,
  classicS3,
  classicS3Content,
} from './messages.ts';

/** What S needs: KR_S on P-224 and the domain it serves. */
export interface ClassicGatewayContext {
  readonly crypto: Crypto;
  readonly entropy: Entropy;
  readonly krS: PrivateKey;
  readonly domain: string;
}

/** Begins as S: a registration (R1) or a login (S1). */
export function startClassicGateway(context: ClassicGatewayContext): GatewayStep {
  return {
    kind: 'read',
    next(encoded) {
      const message = decodeOneOf([classicR1, classicS1], encoded);
      switch (message.name) {
        case 'classic R1':
          return register(context, message.values);
        case 'classic S1':
          return login(context, message.values);
      }
    },
  };
}

function register(context: ClassicGatewayContext, r1: ValuesOf<typeof classicR1>): GatewayStep {
  const { crypto, entropy } = context;
  const { idA, kuA } = r1;
  if (!isAccountOf(context.domain, idA)) return { kind: 'refused' };
  const key = crypto.p224.publicKey(kuA);
  const account: ClassicAccount = { idA, kuA, kA: classicMasterKey(crypto, context.krS, key) };
  const rS = entropy.bytes(32);
  const content = classicR2Content.encode({ rS, hash: crypto.sha256(concat(utf8(idA), kuA)) });
  return {
    kind: 'send',
    message: classicR2.encode({ sealed: sealUnder(crypto, entropy, account.kA, content) }),
    next(reply) {
      if (!crypto.p224.verify(key, rS, classicR3.decode(reply).signature)) return { kind: 'refused' };
      return {
        kind: 'store-account',
        account,
        next: (stored) =>
          stored ? { kind: 'read', next: (s1) => login(context, classicS1.decode(s1)) } : { kind: 'refused' },
      };
    },
  };
}

function login(context: ClassicGatewayContext, s1: ValuesOf<typeof classicS1>): GatewayStep {
  const { crypto, entropy } = context;
  const { idA, sealed } = s1;
  if (!isAccountOf(context.domain, idA)) return { kind: 'refused' };
  return {
    kind: 'find-account',
    idA,
    next(account) {
      if (account === undefined) return { kind: 'refused' };
      const { kAS } = classicS1Content.decode(openUnder(crypto, account.kA, sealed));
      const rS = entropy.bytes(32);
      const content = classicS2Content.encode({ rS, hash: crypto.sha256(concat(utf8(idA), kAS)) });
      return {
        kind: 'send',
        message: classicS2.encode({ sealed: sealUnder(crypto, entropy, account.kA, content) }),
        next(reply) {
          const s3 = classicS3Content.decode(openUnder(crypto, kAS, classicS3.decode(reply).sealed));
          if (!equalBytes(s3.hash, crypto.sha256(rS))) return { kind: 'refused' };
          return {
            kind: 'established',
            session: classicSession(crypto, entropy, kAS),
            claim: { kind: 'classic', jid: idA },
          };
        },
      };
    },
  };
}
