import { formatShort } from '../../core/units.js';
import { escaped } from '../escaped.js';

/** Sizes in SVG's units. The page scales a chart to its own width. */
export const WIDE = 720;
const HALF = 440;
const HEIGHT = 220;
export const LEFT = 56;
export const RIGHT = 28;
const TOP = 10;
const BOTTOM = 26;
/** Bars that are wider than this have a gap between them. */
const GAP_FROM = 4;
const PLOT_HEIGHT = HEIGHT - TOP - BOTTOM;

/** Where a value stands on an axis, from 0 to 1, and the values that have a label. */
export interface Scale {
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
  readonly label: (value: number) => string;
}

/** Values over x. undefined leaves a gap in the line. */
export interface Series {
  readonly name: string;
  /** The class that gives it its colour. */
  readonly style: string;
  readonly as: 'line' | 'area' | 'bars';
  readonly points: readonly (readonly [x: number, y: number | undefined])[];
}

export interface Chart {
  /** Unique on the page. */
  readonly id: string;
  readonly title: string;
  /** What the chart shows, for those who cannot see it. */
  readonly description: string;
  readonly x: Scale;
  readonly y: Scale;
  /** Whether it shares its row of the page with another chart. */
  readonly isHalf?: true;
  /** The width of a bar on the x axis. */
  readonly barWidth?: number;
  readonly series: readonly Series[];
}

/** From 0 to a round number of at least `max`. */
export function linear(max: number, label = formatShort, wanted = 5): Scale {
  const step = roundStep(Math.max(max, Number.MIN_VALUE) / wanted);
  const top = Math.max(step, Math.ceil(max / step - 1e-9) * step);
  const ticks = Array.from({ length: Math.round(top / step) + 1 }, (_, i) => i * step);
  return { at: (value) => value / top, ticks, label };
}

/** Powers of ten around `min` and `max`, both above 0; with 2 and 5 between them if they are few. */
export function logarithmic(min: number, max: number, label: (value: number) => string): Scale {
  const from = Math.floor(Math.log10(min) + 1e-9);
  const to = Math.max(from + 1, Math.ceil(Math.log10(max) - 1e-9));
  const digits = to - from <= 2 ? [1, 2, 5] : [1];
  const decades = Array.from({ length: to - from + 1 }, (_, i) => 10 ** (from + i));
  const ticks = decades
    .flatMap((decade) => digits.map((digit) => digit * decade))
    .filter((tick) => tick <= 10 ** to * 1.001);
  return { at: (value) => (Math.log10(value) - from) / (to - from), ticks, label };
}

/** 1, 2 or 5 times a power of ten, at least `step`. */
function roundStep(step: number): number {
  const magnitude = 10 ** Math.floor(Math.log10(step));
  return ([1, 2, 5].find((digit) => digit * magnitude >= step * (1 - 1e-9)) ?? 10) * magnitude;
}

/** The chart as SVG, with a legend if it has more than one series. */
export function drawn(chart: Chart): string {
  const { id, title, description, x, y, series } = chart;
  const width = chart.isHalf ? HALF : WIDE;
  const plotWidth = width - LEFT - RIGHT;
  const px = (value: number): string => rounded(LEFT + clamped(x.at(value)) * plotWidth);
  const py = (value: number): string => rounded(TOP + (1 - clamped(y.at(value))) * PLOT_HEIGHT);
  const base = TOP + PLOT_HEIGHT;
  const right = LEFT + plotWidth;
  const grid = y.ticks.map(
    (tick) =>
      `<path class="grid" d="M${LEFT} ${py(tick)}H${right}"/>` +
      `<text class="tick end" x="${LEFT - 6}" y="${py(tick)}" dy="4">${escaped(y.label(tick))}</text>`,
  );
  const below = x.ticks.map(
    (tick) => `<text class="tick middle" x="${px(tick)}" y="${base + 18}">${escaped(x.label(tick))}</text>`,
  );
  const shapes = series.map(({ as, style, points }) => {
    if (as === 'bars') {
      const full = (chart.barWidth ?? 1) * (x.at(1) - x.at(0)) * plotWidth;
      // Between narrow bars, a gap would be all that is seen.
      const isDense = full <= GAP_FROM;
      const barWidth = Math.max(1, isDense ? full : full - 0.5);
      const bars = points.map(([at, value]) =>
        value === undefined || value <= 0 ? '' : `M${px(at)} ${base}V${py(value)}h${rounded(barWidth)}V${base}z`,
      );
      return `<path class="fill${isDense ? ' dense' : ''} ${style}" d="${bars.join('')}"/>`;
    }
    const lines = runsOf(points).map((run) => run.map(([at, value]) => `${px(at)} ${py(value)}`));
    if (as === 'line') return `<path class="line ${style}" d="${lines.map((line) => `M${line.join('L')}`).join('')}"/>`;
    const areas = lines.map((line, i) => {
      const run = runsOf(points)[i]!;
      return `M${px(run[0]![0])} ${base}L${line.join('L')}L${px(run.at(-1)![0])} ${base}z`;
    });
    return `<path class="fill ${style}" d="${areas.join('')}"/>`;
  });
  const legend = series.map(({ name, style }) => `<li><span class="key ${style}"></span>${escaped(name)}</li>`);
  return (
    `<div class="scroll" role="group" aria-label="${escaped(title)}" tabindex="0"><svg viewBox="0 0 ${width} ${HEIGHT}" role="img" aria-labelledby="${id}-t ${id}-d">` +
    `<title id="${id}-t">${escaped(title)}</title><desc id="${id}-d">${escaped(description)}</desc>` +
    `${grid.join('')}${shapes.join('')}<path class="axis" d="M${LEFT} ${base}H${right}"/>${below.join('')}</svg></div>` +
    (series.length > 1 ? `<ul class="legend">${legend.join('')}</ul>` : '')
  );
}

/** The parts of a line between its gaps. */
function runsOf(points: Series['points']): [number, number][][] {
  const runs: [number, number][][] = [];
  let isOpen = false;
  for (const [at, value] of points) {
    if (value === undefined) {
      isOpen = false;
    } else if (isOpen) {
      runs.at(-1)!.push([at, value]);
    } else {
      runs.push([[at, value]]);
      isOpen = true;
    }
  }
  return runs;
}

function clamped(share: number): number {
  return Number.isFinite(share) ? Math.max(0, Math.min(1, share)) : 0;
}

function rounded(n: number): string {
  return String(Math.round(n * 10) / 10);
}
