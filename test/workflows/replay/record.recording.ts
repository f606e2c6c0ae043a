import { join } from 'node:path';
import { recordHistories } from './record';

it(
  'histories of every kind of run are recorded',
  () => recordHistories(join(__dirname, 'histories')),
  120_000,
);
