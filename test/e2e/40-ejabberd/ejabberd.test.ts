import { describeConversations } from '../32-clients/conversations.ts';

describeConversations('ejabberd');
