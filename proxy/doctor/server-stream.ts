// The stream of an XMPP server, from its header to its features: does the
// server answer for the domain, and is there a way to log in?

import type { Duplex } from 'node:stream';
import { serverLimits } from '../../shared/xml/scanner.ts';
import { readFeatures } from '../../shared/xmpp/features.ts';
import { Leg } from '../leg.ts';
import { linger } from '../linger.ts';
import { chooseMechanism } from '../sasl/mechanisms.ts';
import { channelBinding } from '../server/channel-binding.ts';
import type { Dialled } from '../server/dial.ts';
import { openStream } from '../server/opening.ts';
import { StreamErrorReceived } from '../server/received-error.ts';
import { asSimppError } from '../../shared/errors.ts';
import { findings, type Finding } from './finding.ts';

const server = findings('server');
const mechanisms = findings('mechanisms');
const lingerMs = 300;

export interface StreamMends {
  /** When the server does not know the domain. */
  readonly unknownDomain: string;
  /** When it does not answer as a server. */
  readonly noAnswer: string;
  /** When it offers no mechanism that simpp knows. */
  readonly noMechanism: string;
}

/** Opens a stream on a connection that is ready for it, and closes both. */
export async function checkServerStream(
  { stream, farewell }: Pick<Dialled, 'stream' | 'farewell'>,
  domain: string,
  mends: StreamMends,
): Promise<Finding[]> {
  const leg = new Leg(stream, serverLimits);
  try {
    const { features, scope } = await openStream(leg, { to: domain });
    return [
      server.ok(`The server answers for ${domain}.`),
      checkMechanisms(stream, readFeatures(features, scope), mends),
    ];
  } catch (error) {
    if (error instanceof StreamErrorReceived && error.condition === 'host-unknown') {
      return [server.problem(`The server does not serve ${domain} (host-unknown).`, mends.unknownDomain)];
    }
    // A gateway's own reason says more than the end of its channel.
    const { message } = farewell() ?? asSimppError(error, 'server-unreachable');
    return [server.problem(message, mends.noAnswer)];
  } finally {
    await linger(leg, lingerMs, '</stream:stream>');
  }
}

function checkMechanisms(stream: Duplex, features: ReturnType<typeof readFeatures>, mends: StreamMends): Finding {
  const canBind = channelBinding(stream, features).kind === 'bound';
  const offered = features.mechanisms.slice(0, 12).join(', ') || 'none';
  const best = chooseMechanism(features.mechanisms, { plainAllowed: true, canBind });
  if (best !== undefined) return mechanisms.ok(`It offers ${offered}; simpp would take ${best}.`);
  if (features.legacyAuth) return mechanisms.note('It offers only XEP-0078, which clients of a domain set-up can use.');
  return mechanisms.problem(`It offers no way to log in that simpp knows (${offered}).`, mends.noMechanism);
}
