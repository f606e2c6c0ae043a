/** What the product asks of a DuckDB process, over Node's IPC channel. One request at a time, but for `interrupt`. */
export type DuckDbRequest =
  | {
      readonly id: number;
      readonly kind: 'open';
      readonly path: string;
      readonly settings: Readonly<Record<string, string>>;
    }
  | { readonly id: number; readonly kind: 'run'; readonly sql: string }
  | { readonly id: number; readonly kind: 'countStatements'; readonly sql: string }
  | { readonly id: number; readonly kind: 'interrupt' };

/** Values of rows are JSON: numbers beyond 2^53 and the like are texts. */
export type DuckDbRow = Readonly<Record<string, unknown>>;

export type DuckDbAnswer =
  | {
      readonly id: number;
      readonly ok: true;
      readonly rows: readonly DuckDbRow[];
      readonly rowsChanged: number;
    }
  | { readonly id: number; readonly ok: false; readonly message: string };
