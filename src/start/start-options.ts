import type { Config } from '../config';
import type { DataFolder } from './data-folder';
import type { Parts } from './processes/parts';
import type { Terminal } from './terminal';

/** What the steps of a start share. */
export interface StartOptions {
  readonly config: Config;
  readonly environment: NodeJS.ProcessEnv;
  readonly folder: DataFolder;
  readonly terminal: Terminal;
  /** Knows every part that was started, so that it can be stopped whatever happens next. */
  readonly parts: Parts;
  /** Absolute path of the folder that holds `worker.js` and `server.js`. */
  readonly programs: string;
}
