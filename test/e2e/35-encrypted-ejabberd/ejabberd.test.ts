import { describeConversations } from '../32-encrypted-clients/conversations.ts';

describeConversations('ejabberd');
