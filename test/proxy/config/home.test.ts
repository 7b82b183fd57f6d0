import assert from 'node:assert/strict';
import { findHome } from '../../../proxy/config/home.ts';

describe('the folder of a role', () => {
  const at = (platform: NodeJS.Platform, env: Record<string, string>): [string, string] => {
    const { configDir, stateDir } = findHome({ platform, home: '/home/a', env });
    return [configDir, stateDir];
  };

  it('is SIMPP_HOME, when that is set', () => {
    assert.deepEqual(at('linux', { SIMPP_HOME: '/srv/simpp', XDG_CONFIG_HOME: '/x' }), ['/srv/simpp', '/srv/simpp']);
    const home = findHome({ platform: 'linux', home: '/home/a', env: { SIMPP_HOME: '/srv/simpp' } });
    const files = [
      home.proxyToml,
      home.gatewayToml,
      home.proxyDatabase,
      home.endToEndDatabase,
      home.gatewayDatabase,
      home.gatewayKey,
    ];
    assert.equal(new Set(files).size, files.length);
    for (const file of files) assert.match(file, /^\/srv\/simpp\/[^/]+$/);
  });

  it('follows the XDG directories, and ignores relative ones', () => {
    assert.deepEqual(at('linux', {}), ['/home/a/.config/simpp', '/home/a/.local/state/simpp']);
    assert.deepEqual(at('linux', { XDG_CONFIG_HOME: '/c', XDG_STATE_HOME: '/s' }), ['/c/simpp', '/s/simpp']);
    assert.deepEqual(at('linux', { XDG_CONFIG_HOME: 'c', SIMPP_HOME: '' })[0], '/home/a/.config/simpp');
  });

  it('is where macOS and Windows keep such files', () => {
    assert.deepEqual(at('darwin', {})[0], '/home/a/Library/Application Support/simpp');
    const [config, state] = at('win32', { APPDATA: '/roaming', LOCALAPPDATA: '/local' });
    assert.deepEqual([config, state], ['/roaming/simpp', '/local/simpp']);
  });
});
