import { readFileSync } from 'node:fs';
import { KloadError, messageOf } from '../core/errors.js';
import { parseThreshold, type Threshold, ThresholdError } from '../threshold/parse.js';
import type { RunValues } from './run-options.js';

/**
 * The thresholds of `--threshold` and of the file that `--thresholds` names.
 *
 * @throws KloadError `usage` for one that cannot be read, or that the run cannot have; `input` for the file
 */
export function thresholdsOf(
  { threshold, thresholds: file }: Pick<RunValues, 'threshold' | 'thresholds'>,
  hasRate: boolean,
  hasShardLimits: boolean,
): Threshold[] {
  const given = [
    ...threshold.map((text) => ({ text, at: '--threshold' })),
    ...(file === undefined ? [] : linesOf(file)),
  ];
  return parseThresholds(given, hasRate, hasShardLimits);
}

/** Parses texts, each with the name of where it was given. @throws KloadError `usage`, as `thresholdsOf` */
export function parseThresholds(
  given: readonly { readonly text: string; readonly at: string }[],
  hasRate: boolean,
  hasShardLimits: boolean,
): Threshold[] {
  return given.map(({ text, at }) => {
    const parsed = parse(text, at);
    if (parsed.metric.needsRate && !hasRate) {
      throw new KloadError(
        'usage',
        `${at} ${parsed.text}: the run has no rate to compare with`,
        'give --rps or --stages',
      );
    }
    if (parsed.metric.needsShardLimits && !hasShardLimits) {
      throw new KloadError('usage', `${at} ${parsed.text}: the target has no limits for a shard`, 'bound its rates');
    }
    return parsed;
  });
}

function parse(text: string, at: string): Threshold {
  try {
    return parseThreshold(text);
  } catch (error) {
    throw error instanceof ThresholdError ? new KloadError('usage', `${at} ${error.message}`) : error;
  }
}

function linesOf(file: string): { text: string; at: string }[] {
  let content: string;
  try {
    content = readFileSync(file, 'utf8');
  } catch (error) {
    throw new KloadError('input', `--thresholds ${file} cannot be read: ${messageOf(error)}`, 'name another file');
  }
  const lines = content
    .split(/\r?\n/)
    .map((line, index) => ({ text: line.replace(/#.*/, '').trim(), at: `${file}:${index + 1}` }));
  const found = lines.filter(({ text }) => text !== '');
  if (found.length > 0) return found;
  throw new KloadError('usage', `--thresholds ${file} holds no threshold`, 'write one on each line');
}
