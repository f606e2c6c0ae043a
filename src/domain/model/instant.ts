import { z } from 'zod';

/** An ISO 8601 instant in UTC with `Z`, e.g. `2026-11-23T10:00:00.000Z`. */
export const instantSchema = z.iso.datetime({ precision: 3 }).meta({ description: 'Instant, ISO 8601, UTC' });
