import type { Component } from './component';
import { extractorPostgres } from './extractor-postgres/extractor-postgres';
import { jobHttp } from './job-http/job-http';
import { jobWait } from './job-wait';
import { orchestration } from './orchestration';
import { transformationSql } from './transformation-sql/transformation-sql';
import { writerFile } from './writer-file';

/** Every component of the product. A new one is one file and one line here. */
export const components: readonly Component[] = [
  extractorPostgres,
  transformationSql,
  writerFile,
  jobHttp,
  jobWait,
  orchestration,
];

const byId = new Map(components.map((component) => [component.summary.id, component]));

export function findComponent(id: string): Component | undefined {
  return byId.get(id);
}
