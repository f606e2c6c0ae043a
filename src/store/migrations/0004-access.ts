import type { Migration } from "kysely";

export interface AccessTables {}

export const access: Migration = { async up() {} };
