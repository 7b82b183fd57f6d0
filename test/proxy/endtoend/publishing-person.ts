// A person with devices who publishes: real keys, real signatures.
import { detectNodeCrypto } from '../../../proxy/crypto/provider.ts';
import type { Publication } from '../../../proxy/endtoend/directory.ts';
import { certificateHash, signCertificate, signDeviceList } from '../../../shared/simpp/certificate.ts';
import { signPrekey, signTombstone } from '../../../shared/simpp/prekey.ts';
import { signRollover } from '../../../shared/simpp/rollover.ts';

export const crypto = detectNodeCrypto();
const now = Math.floor(Date.now() / 1000);

export interface Device {
  readonly deviceId: Uint8Array;
  readonly certificate: Uint8Array;
  readonly prekey: () => Uint8Array;
  readonly tombstone: Uint8Array;
}

export class PublishingPerson {
  readonly jid: string;
  readonly krA = crypto.p256.generate();

  constructor(jid: string) {
    this.jid = jid;
  }

  get kuA(): Uint8Array {
    return this.krA.publicKey.bytes;
  }

  newDevice(): Device {
    const deviceId = crypto.randomBytes(16);
    const krS = crypto.p256.generate();
    const krD = crypto.p256.generate();
    const certificate = signCertificate(crypto, this.krA, {
      jid: this.jid,
      deviceId,
      kuDs: krS.publicKey.bytes,
      kuDd: krD.publicKey.bytes,
      notBefore: now,
      notAfter: now + 1000,
    });
    return {
      deviceId,
      certificate,
      prekey: () =>
        signPrekey(crypto, krS, {
          jid: this.jid,
          deviceId,
          id: 1,
          gY: crypto.p256.generate().publicKey.bytes,
          ek: crypto.mlKem768.generate().encapsulationKey.bytes,
          issued: now,
          epoch: 1,
        }),
      tombstone: signTombstone(crypto, krS, { jid: this.jid, deviceId, at: now }),
    };
  }

  list(version: number, devices: readonly Device[]): Uint8Array {
    const certificates = devices.map(({ certificate }) => certificateHash(crypto, certificate));
    return signDeviceList(crypto, this.krA, { jid: this.jid, kuA: this.kuA, version, issued: now, certificates });
  }

  rolloverTo(next: PublishingPerson): Uint8Array {
    return signRollover(crypto, this.krA, { jid: this.jid, kuA: this.kuA, nextKuA: next.kuA, issued: now });
  }

  /** What the first of the devices publishes. */
  publication(version: number, devices: readonly [Device, ...Device[]], more: Partial<Publication> = {}): Publication {
    return {
      kuA: this.kuA,
      list: this.list(version, devices),
      certificates: devices.map(({ certificate }) => certificate),
      deviceId: devices[0].deviceId,
      ...more,
    };
  }
}
