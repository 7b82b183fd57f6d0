// Somebody who has an invite, a network connection and this program's source,
// and says whatever helps: channels under any hello, logins as anyone inside.
import { detectNodeCrypto } from '../../../proxy/crypto/provider.ts';
import { newIdentity, type AccountIdentity } from '../../../proxy/identity/account-identity.ts';
import { gatewayKeysOf, parseInvite } from '../../../proxy/invite.ts';
import { Leg } from '../../../proxy/leg.ts';
import { loginUpstream } from '../../../proxy/server/login.ts';
import { openStream } from '../../../proxy/server/opening.ts';
import { openChannel } from '../../../proxy/server/simpp.ts';
import type { Hello } from '../../../shared/simpp/client.ts';
import type { Control } from '../../../shared/simpp/control.ts';
import { systemEntropy } from '../../../shared/simpp/entropy.ts';
import { simpp2 } from '../../../shared/simpp/profile.ts';
import { serverLimits } from '../../../shared/xml/scanner.ts';
import type { Account } from './proxy-side.ts';

export const crypto = detectNodeCrypto();
export const entropy = systemEntropy(crypto);

/** Fresh keys for any JID: nobody stops anyone from making them. */
export async function forgeIdentity(jid: string): Promise<AccountIdentity> {
  const now = (): number => Math.floor(Date.now() / 1000);
  return (await newIdentity(jid, { crypto, entropy, now })).identity;
}

/** The hello of a registration with an identity's own keys. */
export function registrationOf({ jid, krA, agreement, deviceList, certificate }: AccountIdentity): Hello {
  if (krA === undefined) throw new Error('a forged identity has its account key');
  return { kind: 'register', agreement, idA: jid, krA, deviceList, certificate, stateEpoch: 1 };
}

/** An open channel and what happens in it. */
export class AttackerChannel implements AsyncDisposable {
  readonly leg: Leg;
  readonly controls: Control[] = [];

  private constructor(leg: Leg) {
    this.leg = leg;
  }

  /** Runs the handshake; rejects with why it failed. */
  static async open(invite: string, domain: string, hello: Hello): Promise<AttackerChannel> {
    const { gateway, key } = parseInvite(invite);
    const pinned = gatewayKeysOf(key);
    const kuS = crypto.p256.publicKey(pinned.agreement);
    const binding = new Uint8Array(0);
    const { socket } = await openChannel({
      ...gateway,
      domain,
      profile: simpp2,
      crypto,
      pinned,
      startClient: (offer) => simpp2.startClient({ crypto, entropy, kuS, domain, offer, binding, hello }),
    });
    const channel = new AttackerChannel(new Leg(socket, serverLimits));
    socket.onControl((control) => channel.controls.push(control));
    return channel;
  }

  /** Logs in at the server behind the gateway; rejects when that refuses. */
  async logIn({ jid, password }: Account): Promise<void> {
    await loginUpstream(this.leg, { jid, password, encrypted: true });
  }

  /** Asks for a resource after the login; all that the server still says, to the end. */
  async bind({ jid }: Account): Promise<string> {
    await openStream(this.leg, { to: jid.slice(jid.indexOf('@') + 1) });
    this.leg.write(`<iq type='set' id='b1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>`);
    return await this.hearOut();
  }

  /** What comes until the channel ends. */
  async hearOut(): Promise<string> {
    const heard: Buffer[] = [];
    for (;;) {
      const part = await this.leg.read();
      if (part === undefined) return Buffer.concat(heard).toString('utf8');
      heard.push(Buffer.from(part.bytes));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.leg.release();
    this.leg.stream.on('error', () => undefined);
    this.leg.destroy();
  }
}
