import { KloadError } from '../core/errors.js';
import type { Recording } from '../core/recording.js';
import { parseOptions } from '../options/parse.js';
import { planTail, type TailPlan } from './tail-plan.js';
import { VERIFY_OPTIONS } from './verify-options.js';

/** Kinesis and this machine may disagree on the time by this much. */
const CLOCK_MARGIN_MS = 2_000;

/** A planned verification. */
export interface VerifyPlan {
  /** What should be there: a recording, or a stream or topic. */
  readonly expected: { readonly recording: Recording } | { readonly tail: TailPlan };
  /** What is checked. */
  readonly found: TailPlan;
  /** The members that lead to the compared field; undefined: keys and data. */
  readonly field: readonly string[] | undefined;
  readonly memoryBytes: number;
  readonly details: string | undefined;
  readonly json: boolean;
  readonly quiet: boolean;
}

type Given = Readonly<Record<string, unknown>>;

/**
 * Plans a verification. Throws a KloadError (usage) for values that are invalid, alone or together.
 *
 * @param nowMs the current time, epoch milliseconds, which relative times count from
 */
export function planVerify(given: Given, env: NodeJS.ProcessEnv, nowMs: number): VerifyPlan {
  const values = parseOptions(VERIFY_OPTIONS, given, env);
  const { input, stream, against, memory: memoryBytes, details, json, quiet } = values;
  if (input.length > 0 === (against !== undefined)) {
    const reason = against === undefined ? 'there is nothing to compare with' : '--input and --against are both given';
    throw new KloadError('usage', reason, 'pass one of --input FILE and --against NAME');
  }
  if (against !== undefined && (against === stream || against === values.topic)) {
    throw new KloadError('usage', `--against names '${against}' again`, 'name the other stream or topic');
  }
  const reading = (name: string | undefined, more: Given): TailPlan => {
    const plan = planTail('tail', name, { ...sourceOf(given), ...more, follow: false }, env, nowMs);
    const isKinesis = plan.source.kind === 'kinesis';
    return { ...plan, untilMs: plan.untilMs ?? (isKinesis ? nowMs + CLOCK_MARGIN_MS : undefined) };
  };
  if (/^(?:latest|\d+)$/i.test(values.from ?? '')) {
    throw new KloadError('usage', `--from ${values.from} is no start for a comparison`, 'start at a time, such as -1h');
  }
  const found = reading(stream, {});
  const expected =
    against === undefined
      ? { recording: recordingOf(values) }
      : { tail: stream === undefined ? reading(undefined, { topic: against }) : reading(against, {}) };
  return { expected, found, field: fieldOf(values.field), memoryBytes, details, json, quiet };
}

/** The options that `kload tail` has, too. */
function sourceOf(given: Given): Given {
  const { input, format, stream, against, field, memory, details, json, ...others } = given;
  const { delimiter, dataField, dataEncoding, unwrap, partitionKeyField, header, ...source } = others;
  return source;
}

function recordingOf(values: ReturnType<typeof parseOptions<typeof VERIFY_OPTIONS>>): Recording {
  const { input: files, format, delimiter, dataField, dataEncoding, unwrap, partitionKeyField, header } = values;
  return {
    ...{ files, format, delimiter, dataField, dataEncoding, unwrap, partitionKeyField, header },
    ...{ timestampField: undefined, timestampFormat: 'auto', timestampZone: undefined },
    ...{ explicitHashKeyField: undefined, headersField: undefined, part: undefined, reorderWindowMs: undefined },
    loop: false,
  };
}

function fieldOf(path: string | undefined): readonly string[] | undefined {
  if (path === undefined) return undefined;
  const names = path.replace(/^\./, '').split('.');
  if (!names.includes('')) return names;
  throw new KloadError('usage', `--field takes the path of a JSON field, such as '.id', not '${path}'`);
}
