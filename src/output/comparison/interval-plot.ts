import { type ComparedMetric, intervalText } from '../../core/comparison.js';
import { escaped } from '../escaped.js';

/** Sizes in SVG's units. The page scales the plot to its own width. */
const WIDTH = 720;
const LEFT = 112;
const RIGHT = 36;
const ROW = 26;
const BOTTOM = 26;
/** No change is drawn as larger than this, and none as smaller than its inverse. */
const RATIO_MAX = 20;
/** The plot is at least this wide, so that changes of nothing look like nothing. */
const RATIO_MIN = 1.05;
const TICKS = [1.01, 1.02, 1.05, 1.1, 1.2, 1.5, 2, 5, 10];
/** Labels that are nearer to each other, as a part of half the plot, would overlap. */
const TICK_DISTANCE = 0.22;

/** The interval of each metric's ratio, around a line for no change. On a logarithmic axis, as ratios are. */
export function intervalPlot(metrics: readonly ComparedMetric[]): string {
  const rows = metrics.filter(({ interval, unit }) => interval !== null && unit !== 'share');
  if (rows.length === 0) return '';
  const ends = rows.flatMap(({ interval }) => [interval!.low, interval!.high]);
  const most = Math.min(RATIO_MAX, Math.max(RATIO_MIN, ...ends.map((end) => Math.max(end, 1 / end))) * 1.02);
  const half = (WIDTH - LEFT - RIGHT) / 2;
  const x = (ratio: number): string => {
    const share = Math.log(ratio) / Math.log(most);
    return (LEFT + half * (1 + Math.max(-1, Math.min(1, share)))).toFixed(1);
  };
  const height = rows.length * ROW + BOTTOM;
  const base = rows.length * ROW;
  const ticks = [...ticksUpTo(most).map((tick) => 1 / tick), 1, ...ticksUpTo(most)].map(
    (ratio) =>
      `<path class="grid" d="M${x(ratio)} 0V${base}"/>` +
      `<text class="tick middle" x="${x(ratio)}" y="${base + 18}">${percentText(ratio)}</text>`,
  );
  const shapes = rows.map(({ metric, interval, ratio, verdict }, i) => {
    const y = i * ROW + ROW / 2;
    const style = verdict === 'worse' ? 'd' : verdict === 'better' ? 'good' : 'a';
    return (
      `<text class="tick end" x="${LEFT - 10}" y="${y}" dy="4">${escaped(metric)}</text>` +
      `<path class="line ${style}" d="M${x(interval!.low)} ${y}H${x(interval!.high)}M${x(interval!.low)} ${y - 4}v8M${x(interval!.high)} ${y - 4}v8"/>` +
      `<circle class="fill ${style}" cx="${x(ratio!)}" cy="${y}" r="4"/>`
    );
  });
  const description = rows.map((row) => `${row.metric}: ${intervalText(row)}.`).join(' ');
  return (
    `<figure><figcaption>Change, with its 95 % interval</figcaption>` +
    `<div class="scroll" role="group" aria-label="Change, with its 95 % interval" tabindex="0">` +
    `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="change-t change-d">` +
    `<title id="change-t">Change, with its 95 % interval</title><desc id="change-d">${escaped(description)}</desc>` +
    `${ticks.join('')}<path class="axis" d="M${x(1)} 0V${base}"/>${shapes.join('')}</svg></div></figure>`
  );
}

function ticksUpTo(most: number): number[] {
  const kept: number[] = [];
  for (const tick of TICKS) {
    const isFree = Math.log(tick / (kept.at(-1) ?? 1)) >= TICK_DISTANCE * Math.log(most);
    if (tick < most && isFree) kept.push(tick);
  }
  return kept;
}

/** '+10 %' for 1.1, '-9 %' for its inverse. */
function percentText(ratio: number): string {
  if (ratio === 1) return '0';
  const percent = (ratio - 1) * 100;
  const digits = Math.abs(percent) < 9.5 && Math.abs(percent - Math.round(percent)) > 0.05 ? 1 : 0;
  return `${percent > 0 ? '+' : ''}${percent.toFixed(digits)} %`;
}
