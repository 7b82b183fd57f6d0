// The row of stages of a session, from the client to the server. A new stage
// is added here, at the place where it must see the stream.
import { accountNamed, prepared, type Choice } from '../setup-table.ts';
import { bindStage } from './bind.ts';
import { clientEndStage } from './client-end.ts';
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
  /** How the upstream of an account is managed. */
  readonly management: Omit<ServerEndRules, 'account'>;
}

export function stageRow(facts: RowFacts): readonly RunningStage[] {
  const { choice, account, isEncrypted, canEnrol, canFollow, management } = facts;
  const { domain } = choice;
  return [
    ...(account === undefined ? [] : [running(clientEndStage)]),
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
    running(bindStage({ domain, relaysLogin: account === undefined, canEnrol })),
    running(resumableStage),
    // Where logins are relayed, stream management is the client's and the server's own matter (transparency.md §1).
    account === undefined ? running(locationStage) : running(serverEndStage({ ...management, account })),
    running(redirectStage({ canFollow })),
  ];
}
