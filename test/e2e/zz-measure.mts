import { Ejabberd } from './support/ejabberd.ts';
import { Prosody } from '../../proxy/try/prosody.ts';
import { logInRaw } from './support/raw-session.ts';
const accounts = Array.from({ length: 16 }, (_, i) => ({ name: `u${i}`, password: 'secret-enough' }));
for (const [name, kind] of [['ejabberd', Ejabberd], ['prosody', Prosody]] as const) {
  const server = await kind.start({ accounts } as never);
  for (let round = 0; round < (name === 'ejabberd' ? 6 : 12); round++) {
    const clients: any[] = [];
    for (let i = 0; i < 16; i++) {
      const c = await logInRaw({ host: server.host, port: server.port, jid: `u${i}@${server.domain}`, password: 'secret-enough' } as never);
      const sm = i % 2 === 1;
      if (sm) { c.write(`<enable xmlns='urn:xmpp:sm:3' resume='true'/>`); await c.hear('<enabled'); }
      c.write('<presence/>'); await c.hear('<presence');
      clients.push({ c, sm });
    }
    await server.stop();
    const out = { plainSaid: 0, plainSilent: 0, smSaid: 0, smSilent: 0 } as any;
    for (const { c, sm } of clients) { const t = await c.untilClosed(); out[(sm ? 'sm' : 'plain') + (/system-shutdown/.test(t) ? 'Said' : 'Silent')]++; await c[Symbol.asyncDispose](); }
    console.log(name, JSON.stringify(out));
    await server.start();
  }
  await server[Symbol.asyncDispose]();
}
