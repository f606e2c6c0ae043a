/** One statement of a script. */
export interface Statement {
  readonly sql: string;
  /** Line of the script on which it begins, from 1. */
  readonly line: number;
}

/** What a script is made of, besides plain text. Each pattern is tried at the place where the reader is. */
const quotedParts: readonly RegExp[] = [
  /--[^\n]*/y,
  /'(?:[^']|'')*'/y,
  /"(?:[^"]|"")*"/y,
  /\$([A-Za-z_]\w*)?\$[\s\S]*?\$\1\$/y,
];
/** `E'…'` knows the backslash; the letter must not be the end of a longer word. */
const escapeText = /(?<![A-Za-z0-9_$])[eE]'(?:[^'\\]|\\[\s\S]|'')*'/y;

/**
 * Cuts a script at its semicolons, but not at those inside texts, names, dollar quotes and comments. Parts that are
 * nothing but blanks and comments are left out.
 */
export function splitStatements(script: string): readonly Statement[] {
  const statements: Statement[] = [];
  let start = 0;
  let at = 0;
  const cut = (end: number) => {
    const sql = script.slice(start, end);
    const content = leadingBlanks(sql);
    if (content < sql.trimEnd().length) {
      statements.push({ sql: sql.slice(content).trim(), line: lineAt(script, start + content) });
    }
  };
  while (at < script.length) {
    if (script[at] === ';') {
      cut(at);
      start = at + 1;
      at += 1;
    } else {
      at = skip(script, at);
    }
  }
  cut(script.length);
  return statements;
}

/** The place after whatever stands at `at`. */
function skip(script: string, at: number): number {
  if (script.startsWith('/*', at)) return skipBlockComment(script, at);
  for (const part of [escapeText, ...quotedParts]) {
    part.lastIndex = at;
    const match = part.exec(script);
    if (match !== null) return at + match[0].length;
  }
  return at + 1;
}

/** Block comments may hold block comments. One that is not closed goes to the end. */
function skipBlockComment(script: string, at: number): number {
  let depth = 0;
  for (let place = at; place < script.length; place += 1) {
    if (script.startsWith('/*', place)) {
      depth += 1;
      place += 1;
    } else if (script.startsWith('*/', place)) {
      depth -= 1;
      place += 1;
      if (depth === 0) return place + 1;
    }
  }
  return script.length;
}

/** How many characters of blanks and comments a part begins with. */
function leadingBlanks(sql: string): number {
  let at = 0;
  for (;;) {
    const blank = /\s*/y;
    blank.lastIndex = at;
    at += blank.exec(sql)?.[0].length ?? 0;
    if (sql.startsWith('--', at)) at = skip(sql, at);
    else if (sql.startsWith('/*', at)) at = skipBlockComment(sql, at);
    else return at;
  }
}

function lineAt(script: string, at: number): number {
  return script.slice(0, at).split('\n').length;
}
