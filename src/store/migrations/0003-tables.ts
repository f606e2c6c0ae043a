import type { Migration } from "kysely";

export interface StorageTables {}

export const tables: Migration = { async up() {} };
