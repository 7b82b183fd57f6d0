// The files of libpurple, which Pidgin and Finch share: one account that logs in
// when the program starts, with the settings of the guide.
import { escapeText } from '../../../shared/xml/write.ts';
import { guideSettings } from './guide-settings.ts';
import type { PersonHome } from './person-home.ts';
import type { TalkerLogin } from './talker.ts';

/** Name of the program's page in the guide, and of its interface in accounts.xml. */
export type PurpleProgram = { readonly page: string; readonly ui: string };

/** Pidgin's list of buddies goes beside its conversations: there is no window manager to place them. */
const preferences = `<?xml version='1.0' encoding='UTF-8' ?>
<pref version='1' name='/'>
<pref name='purple'><pref name='savedstatus'><pref name='startup_current_status' type='bool' value='1'/></pref></pref>
<pref name='pidgin'><pref name='blist'>
<pref name='list_visible' type='bool' value='1'/>
<pref name='x' type='int' value='350'/><pref name='y' type='int' value='1'/>
<pref name='width' type='int' value='240'/><pref name='height' type='int' value='390'/>
</pref></pref>
</pref>
`;

export async function writePurpleAccount(home: PersonHome, program: PurpleProgram, login: TalkerLogin): Promise<void> {
  const settings = await guideSettings(program.page, 'xml', login);
  await home.write(
    '.purple/accounts.xml',
    `<?xml version='1.0' encoding='UTF-8' ?>
<account version='1.0'>
<account>
<protocol>prpl-jabber</protocol>
<name>${escapeText(`${login.jid}/${login.resource}`)}</name>
<password>${escapeText(login.password)}</password>
<statuses><status type='available' name='Available' active='true'><attributes/></status></statuses>
<settings>
${settings}</settings>
<settings ui='${program.ui}'><setting name='auto-login' type='bool'>1</setting></settings>
</account>
</account>
`,
  );
  await home.write('.purple/prefs.xml', preferences);
}
