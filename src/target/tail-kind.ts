import type { OptionTable } from '../options/option.js';

/** What `kload tail` or `kload record` reads. Plain data without secrets. */
export interface TailSource {
  readonly kind: string;
  /** The name of the stream or topic. */
  readonly name: string;
  /** Whether reading registers a consumer, which has to be deregistered at the end. */
  readonly registers: boolean;
}

/** What the command lines of `kload tail` and `kload record` need to know about one kind of source. */
export interface TailKind {
  readonly name: string;
  /** What users call the source and its parts, in the singular. */
  readonly words: { readonly target: string; readonly shard: string };
  /** Options that this kind adds. */
  readonly options: OptionTable;
  /** What a number after `--from` is, and the option that names the shard or partition that it applies to. */
  readonly position: { readonly name: string; readonly flag: string };
  /** Whether the command line names a source of this kind. @param stream the command's argument, if there is one */
  isNamed(stream: string | undefined, values: Readonly<Record<string, unknown>>): boolean;
  /** Options of other kinds that this kind accepts as well. */
  sharedOptions(values: Readonly<Record<string, unknown>>): readonly string[];
  /** The ids of the shards or partitions that the user named; empty: all. Throws a KloadError (usage). */
  shardIds(values: Readonly<Record<string, unknown>>): readonly string[];
  /** Throws a KloadError (usage) for options that do not fit together. */
  plan(
    stream: string | undefined,
    values: Readonly<Record<string, unknown>>,
    given: Readonly<Record<string, unknown>>,
    env: NodeJS.ProcessEnv,
  ): TailSource;
}
