import { kafka } from '../kafka/kind.js';
import { embedded } from '../kinesis/embedded/kind.js';
import { kinesis } from '../kinesis/kind.js';
import type { TargetKind } from './kind.js';
import { nullKind } from './null/kind.js';

/** Every kind of target, by its name. The first whose `selectedBy` matches is the target; if none does, `embedded`. */
export const TARGET_KINDS = { kinesis, kafka, embedded, null: nullKind };

export type TargetKindName = keyof typeof TARGET_KINDS;
export const DEFAULT_TARGET_KIND: TargetKindName = 'embedded';

export function targetKindNames(): TargetKindName[] {
  return Object.keys(TARGET_KINDS) as TargetKindName[];
}

export type Intersection<U> = (U extends unknown ? (one: U) => void : never) extends (all: infer I) => void ? I : never;

/** The options of all kinds. */
export function targetOptions(): Intersection<(typeof TARGET_KINDS)[TargetKindName]['options']> {
  return Object.assign({}, ...Object.values(TARGET_KINDS).map(({ options }) => options));
}

/** The kind with that name. A name that is not in the table is a bug. */
export function targetKind(name: string): TargetKind {
  const kind = (TARGET_KINDS as Readonly<Record<string, TargetKind>>)[name];
  if (kind === undefined) throw new Error(`there is no kind of target '${name}'`);
  return kind;
}
