import { resolve } from 'node:path';
import { ConfigError, readConfig } from '../src/config';

describe('the environment', () => {
  it('needs nothing: everything has a default', () => {
    expect(readConfig({})).toMatchObject({
      dataDir: resolve('.data'),
      exportDir: resolve('.data/export'),
      publicUrl: 'http://127.0.0.1:8080',
      databaseUrl: null,
      temporal: { address: null, port: 7233, uiPort: 8233, uiUrl: 'http://127.0.0.1:8233' },
      examples: true,
    });
  });

  it('counts an empty variable as absent', () => {
    expect(readConfig({ PORT: '', DATABASE_URL: '' })).toMatchObject({ port: 8080, databaseUrl: null });
  });

  it('gives links that a browser can open, for a server that listens everywhere', () => {
    expect(readConfig({ HOST: '0.0.0.0', PORT: '81' }).publicUrl).toBe('http://127.0.0.1:81');
    expect(readConfig({ PUBLIC_URL: 'https://etl.example.com/' }).publicUrl).toBe('https://etl.example.com');
  });

  it('names every variable that is wrong, with what was found, but never a secret', () => {
    const read = () =>
      readConfig({
        PORT: 'eighty',
        EXAMPLES: 'no',
        DATABASE_URL: 'mysql://someone:do-not-tell@db/x',
        ORCHESTRATOR_ADMIN_TOKEN: 'do-not-tell',
      });
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(/PORT: .*\(found "eighty"\)[^]*DATABASE_URL: [^]*EXAMPLES: .*\(found "no"\)/);
    expect(read).not.toThrow(/do-not-tell/);
  });
});
