// Classic exchanges that must not go through: damaged on the wire, where the
// scheme can notice it, and messages made by somebody who lies.
import assert from 'node:assert/strict';
import { concat, utf8 } from '../../../shared/bytes.ts';
import { p224 } from '../../../shared/crypto/curves.ts';
import { nobleCrypto as crypto } from '../../../shared/crypto/noble.ts';
import { classicMasterKey, sealUnder } from '../../../shared/simpp/classic/cipher.ts';
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
} from '../../../shared/simpp/classic/messages.ts';
import { withOtherS } from '../../shared/crypto/curve-cases.ts';
import { scriptedEntropy } from '../scripted-entropy.ts';
import {
  bytesOf,
  digestOf,
  fixedBytes,
  hex,
  numberOf,
  textOf,
  valuesOf,
  type Values,
  type VectorKind,
} from '../vector.ts';
import { exchange, runClassic, type Name } from './classic.ts';

const at = (key: string): Uint8Array => bytesOf(exchange, key);
const idA = textOf(exchange, 'idA');
const krA = crypto.p224.privateKey(at('krA'));
const krS = crypto.p224.privateKey(at('krS'));
const mallory = crypto.p224.privateKey(fixedBytes('classic KR of another', 28));
const kuA = krA.publicKey.bytes;
const kA = classicMasterKey(crypto, krA, krS.publicKey);

const sealed = (key: Uint8Array, iv: string, content: Uint8Array): Uint8Array =>
  sealUnder(crypto, scriptedEntropy({ bytes: [at(iv)] }), key, content);

const s1 = (name: string, key: Uint8Array): Uint8Array =>
  classicS1.encode({ idA: name, sealed: sealed(key, 'ivS1', classicS1Content.encode({ kAS: at('kAS') })) });
const s3 = (key: Uint8Array, rS: Uint8Array): Uint8Array =>
  classicS3.encode({ sealed: sealed(key, 'ivS3', classicS3Content.encode({ hash: crypto.sha256(rS) })) });
const r2 = (name: string, key: Uint8Array): Uint8Array => {
  const hash = crypto.sha256(concat(utf8(name), key));
  return classicR2.encode({
    sealed: sealed(kA, 'ivR2', classicR2Content.encode({ rS: at('registrationRS'), hash })),
  });
};
const s2 = (name: string, key: Uint8Array): Uint8Array => {
  const hash = crypto.sha256(concat(utf8(name), key));
  return classicS2.encode({ sealed: sealed(kA, 'ivS2', classicS2Content.encode({ rS: at('loginRS'), hash })) });
};
const r3 = (signature: Uint8Array): Uint8Array => classicR3.encode({ signature });
const r1 = (name: string): Uint8Array => classicR1.encode({ idA: name, kuA });

/** Where a byte is XORed with 1. The content of a sealed part is a tag, 2 bytes of length, R_S, and the hash. */
const flips: readonly (readonly [message: Name, at: number, what: string])[] = [
  ['r1', 25, 'KU_A is not on the curve'],
  ['r2', 8, 'a byte of the IV: A signs another R_S'],
  ['r2', 40, 'a byte of the sealed R_S, and so one of the hash'],
  ['r3', 5, 'a byte of the signature'],
  ['s1', 1, 'the length of ID_A'],
  ['s2', 8, 'a byte of the IV: A hashes another R_S'],
  ['s2', 70, 'a byte of the sealed hash, in front of the padding'],
  ['s3', 40, 'a byte of the sealed hash, in front of the padding'],
];

const lies: readonly (readonly [message: Name, what: string, bytes: Uint8Array])[] = [
  ['r1', 'ID_A is of another domain', r1('alice@other.test')],
  ['r1', 'ID_A is not in lower case', r1('Alice@Example.Test')],
  ['r1', 'ID_A has two @', r1('a@b@example.test')],
  ['r1', 'ID_A has an empty localpart', r1('@example.test')],
  ['r1', 'ID_A has no localpart', r1('example.test')],
  ['r1', 'ID_A has a resource', r1('alice@example.test/phone')],
  ['r2', 'h of another ID_A', r2('bob@example.test', kuA)],
  ['r2', 'h of another KU_A', r2(idA, mallory.publicKey.bytes)],
  ['r3', 'by another key', r3(crypto.p224.sign(mallory, at('registrationRS')))],
  ['r3', 'over another R_S', r3(crypto.p224.sign(krA, at('loginRS')))],
  ['r3', 'with a high s', r3(withOtherS(p224, crypto.p224.sign(krA, at('registrationRS'))))],
  ['s1', 'ID_A is nobody who is registered', s1('bob@example.test', kA)],
  ['s1', 'sealed under the K_A of another', s1(idA, classicMasterKey(crypto, mallory, krS.publicKey))],
  ['s2', 'h of another ID_A', s2('bob@example.test', at('kAS'))],
  ['s2', 'h of another K_AS', s2(idA, fixedBytes('another classic K_AS', 16))],
  ['s3', 'h of another R_S', s3(at('kAS'), at('registrationRS'))],
  ['s3', 'sealed under another K_AS', s3(fixedBytes('another classic K_AS', 16), at('loginRS'))],
];

const badExchanges = (): { name: string; inputs: Values }[] => [
  ...flips.map(([message, place, what]) => ({
    name: `${message}: ${what}`,
    inputs: { ...exchange, tamper: { message, at: place } },
  })),
  ...lies.map(([message, what, bytes]) => ({
    name: `${message}: ${what}`,
    inputs: { ...exchange, tamper: { message, bytes: hex(bytes) } },
  })),
  {
    name: 'r3: another KU_A is stored for ID_A',
    inputs: { ...exchange, storedKuA: hex(mallory.publicKey.bytes), tamper: {} },
  },
];

export const badClassicHandshakes: VectorKind = {
  file: 'bad-classic-handshakes',
  about:
    'Classic exchanges that must fail: the byte `at` of the message is XORed with 1 on its way, or `bytes` come in its ' +
    'place; `outcome` says who refuses. `messages` are what arrives, in order, the last of which is refused.',
  section: '10.1',
  inputs: badExchanges(),
  derive(inputs) {
    const tamper = valuesOf(inputs, 'tamper');
    const arrived: string[] = [];
    const changed = (message: Uint8Array): Uint8Array => {
      if ('bytes' in tamper) return bytesOf(tamper, 'bytes');
      const place = numberOf(tamper, 'at');
      return message.with(place, message[place]! ^ 1);
    };
    const { end } = runClassic(inputs, (message, name) => {
      const arrives = name === tamper['message'] ? changed(message) : message;
      arrived.push(hex(arrives));
      return arrives;
    });
    assert(end !== 'established', 'a tampered classic exchange went through');
    return { outcome: end, messages: arrived, digest: digestOf(inputs) };
  },
};
