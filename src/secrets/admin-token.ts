import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { openPrivateFile } from './private-file';

/** The first administrator's token: made once, kept in the data folder, readable by its owner only. */
export async function openAdminToken(dataDir: string): Promise<string> {
  const text = await openPrivateFile(
    join(dataDir, 'admin-token'),
    () => `${randomBytes(32).toString('base64url')}\n`,
  );
  return text.trim();
}
