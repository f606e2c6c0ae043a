import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openKeyFile, parseKeyRing } from '../../src/secrets/key-ring';
import { createMasker } from '../../src/secrets/masker';
import {
  createSecretBox,
  keepStoredSecrets,
  listSecrets,
  maskSecrets,
  secretMask,
} from '../../src/secrets/secret-box';

const key = (id: string, byte: number) => `${id}:${Buffer.alloc(32, byte).toString('base64')}`;
const owner = { componentId: 'extractor-postgres', ownerId: 'cfg_1' };
const configuration = { host: 'db', '#password': 'correct horse', list: [{ '#key': 'battery staple' }] };

describe('secrets of a configuration', () => {
  const box = createSecretBox(parseKeyRing(key('one', 1)));
  const sealed = box.seal(owner, configuration);

  it('are not readable once sealed, and the rest is', () => {
    expect(JSON.stringify(sealed)).not.toMatch(/horse|staple/);
    expect(sealed).toMatchObject({ host: 'db' });
  });

  it('are opened by their owner only', () => {
    expect(box.reveal(owner, sealed)).toEqual(configuration);
    expect(() => box.reveal({ ...owner, ownerId: 'cfg_2' }, sealed)).toThrow(/another configuration/);
  });

  it('are opened with an older key of the ring, and the newest one seals', () => {
    const rotated = createSecretBox(parseKeyRing(`${key('two', 2)},${key('one', 1)}`));
    expect(rotated.reveal(owner, sealed)).toEqual(configuration);
    expect(JSON.stringify(rotated.seal(owner, configuration))).toContain('enc:v1:two:');
    const without = createSecretBox(parseKeyRing(key('two', 2)));
    expect(() => without.reveal(owner, sealed)).toThrow(/"one"/);
  });

  it('are kept where the mask comes back, and only there', () => {
    const masked = maskSecrets(sealed);
    expect(masked).toMatchObject({ '#password': secretMask });
    expect(keepStoredSecrets({ ...masked, host: 'other' }, sealed)).toEqual({ ...sealed, host: 'other' });
    expect(() => keepStoredSecrets({ '#token': secretMask }, sealed)).toThrow(/not stored/);
  });

  it('are taken out of texts in every form that they may be written in', () => {
    const mask = createMasker(listSecrets({ '#password': 'p"ss wörd/1' }));
    const forms = [
      'p"ss wörd/1',
      'p\\"ss wörd/1',
      encodeURIComponent('p"ss wörd/1'),
      Buffer.from('p"ss wörd/1').toString('base64'),
    ];
    for (const form of forms) expect(mask(`before ${form} after`)).toBe(`before ${secretMask} after`);
  });
});

describe('the key file', () => {
  it('is made once, by two at the same time too, and only its owner can read it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'orchestrator-keys-'));
    const path = join(folder, 'secrets.key');
    const [one, other] = await Promise.all([openKeyFile(path), openKeyFile(path)]);
    expect(one.writing).toEqual(other.writing);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await rm(folder, { recursive: true });
  });

  it.each([
    '',
    'one',
    `one:${Buffer.alloc(5).toString('base64')}`,
    `a b:${Buffer.alloc(32).toString('base64')}`,
  ])('with %j is refused without repeating it', (text) => {
    expect(() => parseKeyRing(text)).toThrow(/secret keys cannot be used/);
  });
});
