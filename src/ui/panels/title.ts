import type { LiveView, RunPhase } from '../../core/live.js';
import type { TargetReport } from '../../core/report.js';
import { formatDuration } from '../../core/units.js';
import { shardsText } from '../../target/kind.js';
import { targetKind } from '../../target/kinds.js';
import { bright, dim, type Line, type Span, span, spread, truncate, widthOf, widthOfLine } from '../text.js';

const PHASES: Record<RunPhase, Span> = {
  starting: span('dim', '○ starting'),
  waiting: span('throttle', '○ waiting'),
  running: span('good', '● running'),
  paused: span('throttle', '■ paused'),
  draining: span('throttle', '▼ draining'),
  done: span('good', '● done'),
};
/** As wide as '59m 59s', so that the phase beside it does not move. */
const ELAPSED_COLUMNS = 8;
/** With less room, long names cannot be told apart. */
const NAMES_COLUMNS = 32;

function nameOf(target: TargetReport): string {
  return target.stream ?? targetKind(target.kind).words.target;
}

/** The facts about a target, from the longest form to the shortest. */
function factsOf(target: TargetReport): string[] {
  const kind = targetKind(target.kind);
  const location = kind.location(target);
  const shards = shardsText(kind.words, target.shards);
  const limits = target.limits || !kind.hasShardLimits ? '' : ' · limits off';
  const where = location === null ? '' : ` · ${location.replace(/^https?:\/\//, '')}`;
  return [`${where} · ${shards}${limits}`, ` · ${shards}${limits}`, limits];
}

/** `kload run  orders.csv → orders · eu-west-1 · 8 shards     ● running  1m 05s` */
export function titleLines(view: LiveView, columns: number): Line[] {
  const state = [dim('  '), PHASES[view.phase], bright(formatDuration(view.elapsedMs).padStart(ELAPSED_COLUMNS))];
  const start = [span('title', 'kload'), bright(' run  ')];
  const stream = nameOf(view.target);
  const room = columns - widthOfLine(start) - widthOfLine(state) - ' → '.length;

  const wanted = Math.min(widthOf(view.input) + widthOf(stream), NAMES_COLUMNS);
  const facts = factsOf(view.target).find((form) => room - widthOf(form) >= wanted) ?? '';
  const names = room - widthOf(facts);
  const input = truncate(view.input, Math.max(Math.floor(names / 2), names - widthOf(stream)));
  const name = truncate(stream, names - widthOf(input));
  return [spread([...start, bright(input), dim(' → '), bright(name), dim(facts)], state, columns)];
}
