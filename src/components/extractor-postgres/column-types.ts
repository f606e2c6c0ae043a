import { types, type FieldDef } from 'pg';
import type { TableColumn } from '../../domain/model/table';

const { builtins } = types;

/** numeric(p, s) is packed into the modifier: 16 bits each, moved by 4. Larger precisions than DuckDB's stay texts. */
const widestDecimal = 38;

/**
 * The DuckDB type for a column of PostgreSQL. Types whose values DuckDB could refuse or change (numbers without
 * bounds, JSON, arrays, bytes) stay the text that PostgreSQL writes.
 */
export function toDuckDbColumn({ name, dataTypeID, dataTypeModifier }: FieldDef): TableColumn {
  return { name, type: toDuckDbType(dataTypeID, dataTypeModifier) };
}

const duckDbTypes: ReadonlyMap<number, string> = new Map([
  [builtins.BOOL, 'BOOLEAN'],
  [builtins.INT2, 'SMALLINT'],
  [builtins.INT4, 'INTEGER'],
  [builtins.INT8, 'BIGINT'],
  [builtins.FLOAT4, 'FLOAT'],
  [builtins.FLOAT8, 'DOUBLE'],
  [builtins.DATE, 'DATE'],
  [builtins.TIMESTAMP, 'TIMESTAMP'],
  [builtins.TIMESTAMPTZ, 'TIMESTAMPTZ'],
]);
const numeric: number = builtins.NUMERIC;

function toDuckDbType(oid: number, modifier: number): string {
  if (oid === numeric) return toDecimal(modifier);
  return duckDbTypes.get(oid) ?? 'VARCHAR';
}

function toDecimal(modifier: number): string {
  if (modifier < 4) return 'VARCHAR';
  const precision = ((modifier - 4) >> 16) & 0xffff;
  const scale = (modifier - 4) & 0x7ff;
  return precision <= widestDecimal && scale <= precision ? `DECIMAL(${precision},${scale})` : 'VARCHAR';
}
