import { join } from 'node:path';

/** The checkout's folder of examples; this file runs from `dist/start/example`. */
export const examplesFolder = join(__dirname, '..', '..', '..', 'examples');
