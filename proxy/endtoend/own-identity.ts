// This device's identity as sessions and messages need it: decoded and hashed
// once for as long as it stays the same.
import { fromHex, toHex } from '../../shared/bytes.ts';
import type { Crypto } from '../../shared/crypto/provider.ts';
import { SimppError } from '../../shared/errors.ts';
import { certificateHash, deviceListHash } from '../../shared/simpp/certificate.ts';
import type { OwnDevice } from '../../shared/simpp/session.ts';
import type { AccountIdentity } from '../identity/account-identity.ts';
import type { IdentityKeeper } from '../identity/keeper.ts';
import type { EndToEndStore } from '../store/endtoend/store.ts';

export interface OwnIdentityDeps {
  readonly jid: string;
  readonly crypto: Crypto;
  readonly identities: IdentityKeeper;
  readonly store: EndToEndStore;
}

const maxCertificateNames = 4;

export class OwnIdentity {
  readonly #deps: OwnIdentityDeps;
  #device: { readonly identity: AccountIdentity; readonly device: OwnDevice } | undefined;
  #listHash: { readonly list: Uint8Array; readonly hash: Uint8Array } | undefined;

  constructor(deps: OwnIdentityDeps) {
    this.#deps = deps;
  }

  get identity(): AccountIdentity {
    const identity = this.#deps.identities.find(this.#deps.jid);
    if (identity === undefined) throw new SimppError('key-missing', `${this.#deps.jid} has no keys on this machine.`);
    return identity;
  }

  /** This device as it takes part in sessions. */
  get device(): OwnDevice {
    const { identity } = this;
    if (this.#device?.identity === identity) return this.#device.device;
    const { jid, kuA, deviceList, listVersion, certificate, deviceId, signing, agreement } = identity;
    const certificateName = certificateHash(this.#deps.crypto, certificate);
    const device = {
      jid,
      kuA,
      list: deviceList,
      listVersion,
      certificate,
      certificateName,
      earlierCertificateNames: this.#earlierNames(certificateName),
      deviceId,
      signing,
      agreement,
    };
    this.#device = { identity, device };
    return device;
  }

  /** Of the certificates that the present one renewed: who fetched one of them may still begin a session (§9.2). */
  #earlierNames(present: Uint8Array): readonly Uint8Array[] {
    const { settings } = this.#deps.store;
    const name = toHex(present);
    const known = (settings.get('certificates') ?? '').split(' ').filter((each) => each !== '');
    const names = [name, ...known.filter((each) => each !== name)].slice(0, maxCertificateNames);
    if (known[0] !== name) settings.put('certificates', names.join(' '));
    return names.slice(1).map(fromHex);
  }

  get listHash(): Uint8Array {
    const { deviceList } = this.identity;
    if (this.#listHash?.list !== deviceList) {
      this.#listHash = { list: deviceList, hash: deviceListHash(this.#deps.crypto, deviceList) };
    }
    return this.#listHash.hash;
  }

  /** It is another one now. */
  forget(): void {
    this.#device = undefined;
  }
}
