import { z } from 'zod';

/** Any JSON value. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** A JSON object with any keys. */
export type JsonObject = Record<string, Json>;

export const jsonObjectSchema: z.ZodType<JsonObject> = z.record(z.string(), z.json());
