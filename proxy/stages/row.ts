// The row of stages of a session, from the client to the server. A new stage
// is added here, at the place where it must see the stream.
import { accountNamed, prepared, type Choice } from '../setup-table.ts';
import { bindStage } from './bind.ts';
import { clientEndStage } from './client-end.ts';
import { endToEndStage, type EndToEndRules } from './end-to-end.ts';
import { featuresStage } from './features.ts';
import { headerStage } from './header.ts';
import { locationStage } from './location.ts';
import { passwordStage } from './password.ts';
import { redirectStage } from './redirect.ts';
import { registeringStage } from './registering.ts';
import { resumableStage } from './resumable.ts';
import { saslStage } from './sasl.ts';
import type { ServerEndRules } from './server-end-state.ts';
import { serverEndStage } from './server-end.ts';
import { running, type RunningStage } from './stage.ts';
import { takeoverStage } from './takeover.ts';

export interface RowFacts {
  readonly choice: Choice;
  /** Whose login ended at the proxy; undefined when logins are relayed. */
  readonly account: string | undefined;
  /** The upstream leg is encrypted. */
  readonly isEncrypted: boolean;
  /** The upstream is a guest's channel that can be enrolled. */
  readonly canEnrol: boolean;
  /** The proxy connects to the server itself. */
  readonly canFollow: boolean;
  /** How an upstream is managed where that is done here. */
  readonly management: Omit<ServerEndRules, 'account' | 'isOwn'>;
  /** Undefined where nothing is encrypted end to end. */
  readonly endToEnd: EndToEndRules | undefined;
}

export function stageRow(facts: RowFacts): readonly RunningStage[] {
  const { choice, account, isEncrypted, canEnrol, canFollow, management, endToEnd } = facts;
  const { domain } = choice;
  // Where logins are relayed, stream management is the client's and the server's own matter (transparency.md §1),
  // until something between them adds and swallows stanzas: then each counts with the proxy, by the client's wish only.
  const isManaged = account !== undefined || endToEnd !== undefined;
  const ends: ServerEndRules = { ...management, account: account ?? domain, isOwn: account !== undefined };
  return [
    ...(isManaged ? [running(clientEndStage)] : []),
    running(headerStage({ withFrom: isEncrypted, domain })),
    running(featuresStage),
    ...(account === undefined
      ? [
          running(
            takeoverStage({
              hasOurs: choice.ended.size > 0,
              isOurs: (name) => accountNamed(choice, name) !== undefined,
            }),
          ),
          running(registeringStage),
          running(saslStage),
        ]
      : [running(passwordStage({ account, domain, prepare: prepared }))]),
    ...(endToEnd === undefined ? [] : [endToEndStage(endToEnd)]),
    running(bindStage({ domain, relaysLogin: account === undefined, canEnrol })),
    running(resumableStage),
    isManaged ? running(serverEndStage(ends)) : running(locationStage),
    running(redirectStage({ canFollow })),
  ];
}
