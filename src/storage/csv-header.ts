import { createReadStream } from 'node:fs';
import { text } from 'node:stream/consumers';
import { ValidationError } from '../domain/errors';

/** What the first line of a CSV file says. */
export interface CsvHeader {
  readonly delimiter: string;
  /** What ends the first line, and every other one. */
  readonly lineBreak: LineBreak;
  /** At least one; unique, whatever their case. A column without a name is `column` and its place from 1. */
  readonly columns: readonly string[];
}

export type LineBreak = '\n' | '\r\n' | '\r';

const delimiters = [',', ';', '\t', '|'] as const;
/** The first line is within this. */
const readBytes = 1_048_576;

/**
 * Reads the names of the columns, and finds the separator out: the one that stands most often in the first line,
 * outside of quotes. Not left to DuckDB, which takes another line for the header when rows have different lengths,
 * another separator when a quote was never closed, and the line break inside a quoted name for the one that ends
 * lines, whereupon it finds no rows.
 *
 * @throws ValidationError when there is no first line, or a name is there twice.
 */
export async function readCsvHeader(file: string): Promise<CsvHeader> {
  const start = await text(createReadStream(file, { end: readBytes - 1, encoding: 'utf8' }));
  const content = start.replace(/^\uFEFF/, '');
  const line = firstRecord(content);
  if (line.trim() === '') {
    throw notCsv('The upload is empty: its first line has to name the columns.');
  }
  const delimiter = mostFrequentDelimiter(line);
  const columns = splitRecord(line, delimiter).map((name, index) =>
    name === '' ? `column${index + 1}` : name,
  );
  refuseTwice(columns);
  return { delimiter, lineBreak: lineBreakAt(content, line.length), columns };
}

/** Up to the first line break that is not inside quotes. */
function firstRecord(start: string): string {
  return /^(?:[^"\r\n]|"(?:[^"]|"")*"?)*/.exec(start)?.[0] ?? '';
}

function lineBreakAt(content: string, place: number): LineBreak {
  if (content[place] !== '\r') return '\n';
  return content[place + 1] === '\n' ? '\r\n' : '\r';
}

function mostFrequentDelimiter(line: string): string {
  const unquoted = line.replace(/"(?:[^"]|"")*"/g, '');
  const counted = delimiters.map((delimiter) => ({ delimiter, count: unquoted.split(delimiter).length }));
  return counted.reduce((best, next) => (next.count > best.count ? next : best)).delimiter;
}

function splitRecord(line: string, delimiter: string): string[] {
  const names: string[] = [];
  let name = '';
  let quoted = false;
  for (let index = 0; index < line.length; index += 1) {
    const letter = line.charAt(index);
    if (letter === '"' && quoted && line[index + 1] === '"') {
      name += '"';
      index += 1;
    } else if (letter === '"') quoted = !quoted;
    else if (letter === delimiter && !quoted) {
      names.push(name);
      name = '';
    } else name += letter;
  }
  return [...names, name];
}

function refuseTwice(columns: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of columns) {
    const key = name.toLowerCase();
    if (seen.has(key)) {
      throw notCsv(
        `The first line names the column "${name}" twice; upper and lower case count as the same.`,
      );
    }
    seen.add(key);
  }
}

function notCsv(sentence: string): ValidationError {
  return new ValidationError(sentence, [], { code: 'NOT_CSV' });
}
