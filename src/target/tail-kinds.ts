import { topicTail } from '../kafka/tail-kind.js';
import { streamTail } from '../kinesis/tail-kind.js';
import type { Intersection } from './kinds.js';
import type { TailKind } from './tail-kind.js';

/** Every kind of source, by its name. The first one that the command line names is read. */
export const TAIL_KINDS = { kinesis: streamTail, kafka: topicTail };

/** The options of all kinds. */
export function tailOptions(): Intersection<(typeof TAIL_KINDS)[keyof typeof TAIL_KINDS]['options']> {
  return Object.assign({}, ...Object.values(TAIL_KINDS).map(({ options }) => options));
}

/** The kind with that name. A name that is not in the table is a bug. */
export function tailKind(name: string): TailKind {
  const kind = (TAIL_KINDS as Readonly<Record<string, TailKind>>)[name];
  if (kind === undefined) throw new Error(`there is no kind of source '${name}'`);
  return kind;
}
