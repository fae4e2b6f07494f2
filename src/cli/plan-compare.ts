import { LOAD_FIELDS } from '../compare/differences.js';
import { type Gate, parseGate } from '../compare/gate.js';
import type { CompareValues } from '../config/compare-options.js';
import { KloadError } from '../core/errors.js';
import { ThresholdError } from '../threshold/parse.js';

/** What `kload compare` is asked for. */
export interface ComparePlan {
  readonly base: readonly string[];
  readonly new: readonly string[];
  readonly gates: readonly Gate[];
  readonly ignored: readonly string[];
  readonly seed: number;
  readonly out: readonly string[];
}

/**
 * Checks options and files by name; nothing is read yet.
 *
 * @throws KloadError `usage`
 */
export function planCompare(values: CompareValues, positional: readonly string[]): ComparePlan {
  const files = filesOf(values, positional);
  const isPair = files.base.length === 1 && files.new.length === 1;
  const gates = values.failIf.map((text) => gateOf(text, isPair));
  const unknown = values.ignore.find((field) => !LOAD_FIELDS.includes(field));
  if (unknown !== undefined) {
    throw new KloadError('usage', `--ignore ${unknown}: no such field`, `name one of ${LOAD_FIELDS.join(', ')}`);
  }
  return { ...files, gates, ignored: values.ignore, seed: values.seed, out: values.out };
}

function filesOf(values: CompareValues, [base, changed]: readonly string[]) {
  const isNamed = values.base.length > 0 || values.new.length > 0;
  if (isNamed && base !== undefined) {
    const hint = 'give all runs with --base and --new, or two without';
    throw new KloadError('usage', `${base} is neither a base nor a new run`, hint);
  }
  const files = isNamed
    ? { base: values.base, new: values.new }
    : { base: base === undefined ? [] : [base], new: changed === undefined ? [] : [changed] };
  if (files.base.length === 0 || files.new.length === 0) {
    const what = files.base.length === 0 ? 'there is no run to compare with' : 'there is no new run';
    throw new KloadError('usage', what, 'give two reports: kload compare base.json new.json');
  }
  return files;
}

function gateOf(text: string, isPair: boolean): Gate {
  try {
    const gate = parseGate(text);
    const { noInterval, name } = gate.metric;
    if (isPair && noInterval !== undefined) {
      const hint = 'give several runs a side with --base and --new, or take another metric, such as latency.p99';
      throw new KloadError(
        'usage',
        `--fail-if '${gate.text}': two runs cannot show a change of ${name}: ${noInterval}`,
        hint,
      );
    }
    return gate;
  } catch (error) {
    throw error instanceof ThresholdError ? new KloadError('usage', `--fail-if ${error.message}`) : error;
  }
}
