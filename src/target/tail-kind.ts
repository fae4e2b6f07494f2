import type { OptionTable } from '../options/option.js';

/** What is read. Plain and without secrets. */
export interface TailSource {
  readonly kind: string;
  /** The name of the stream or topic. */
  readonly name: string;
  /** Whether reading leaves something behind that has to be removed: a consumer. */
  readonly registers: boolean;
}

/** All that differs in the command line between the kinds that `kload tail` and `kload record` read. */
export interface TailKind {
  readonly name: string;
  /** What users call it and its parts, in the singular. */
  readonly words: { readonly target: string; readonly shard: string };
  /** The options that this kind alone has. */
  readonly options: OptionTable;
  /** The position that a number after `--from` stands for, and the option that names the part it belongs to. */
  readonly position: { readonly name: string; readonly flag: string };
  /** @param stream the argument of the command, if it has one */
  isNamed(stream: string | undefined, values: Readonly<Record<string, unknown>>): boolean;
  /** Options of other kinds that this kind takes, too. */
  sharedOptions(values: Readonly<Record<string, unknown>>): readonly string[];
  /** The ids of the shards or partitions that were asked for; empty: all. Throws a KloadError (usage). */
  shardIds(values: Readonly<Record<string, unknown>>): readonly string[];
  /** Throws a KloadError (usage) for options that do not fit together. */
  plan(
    stream: string | undefined,
    values: Readonly<Record<string, unknown>>,
    given: Readonly<Record<string, unknown>>,
    env: NodeJS.ProcessEnv,
  ): TailSource;
}
