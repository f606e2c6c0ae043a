import { types, type FieldDef } from 'pg';
import type { TableColumn } from '../../domain/model/table';

const { builtins } = types;

/** numeric(p, s) is packed into the modifier: 16 bits each, moved by 4. Larger precisions than DuckDB's stay texts. */
const widestDecimal = 38;

/**
 * The DuckDB type for a column of PostgreSQL. Types whose values DuckDB could refuse or change (times without end,
 * numbers without bounds, JSON, arrays, bytes) stay the text that PostgreSQL writes.
 */
export function toDuckDbColumn({ name, dataTypeID, dataTypeModifier }: FieldDef): TableColumn {
  return { name, type: toDuckDbType(dataTypeID, dataTypeModifier) };
}

function toDuckDbType(oid: number, modifier: number): string {
  switch (oid) {
    case builtins.BOOL:
      return 'BOOLEAN';
    case builtins.INT2:
      return 'SMALLINT';
    case builtins.INT4:
      return 'INTEGER';
    case builtins.INT8:
      return 'BIGINT';
    case builtins.FLOAT4:
      return 'FLOAT';
    case builtins.FLOAT8:
      return 'DOUBLE';
    case builtins.DATE:
      return 'DATE';
    case builtins.TIMESTAMP:
      return 'TIMESTAMP';
    case builtins.TIMESTAMPTZ:
      return 'TIMESTAMPTZ';
    case builtins.NUMERIC:
      return toDecimal(modifier);
    default:
      return 'VARCHAR';
  }
}

function toDecimal(modifier: number): string {
  if (modifier < 4) return 'VARCHAR';
  const precision = ((modifier - 4) >> 16) & 0xffff;
  const scale = (modifier - 4) & 0x7ff;
  return precision <= widestDecimal && scale <= precision ? `DECIMAL(${precision},${scale})` : 'VARCHAR';
}
