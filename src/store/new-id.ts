import { monotonicFactory } from 'ulid';
import { idPrefixes, type IdKind } from '../domain/model/ids';

const nextUlid = monotonicFactory();

/** A new id of a kind, e.g. `run_01KAQ…`. Ids of one process sort by the time they were made. */
export function newId(kind: IdKind): string {
  return `${idPrefixes[kind]}_${nextUlid()}`;
}
