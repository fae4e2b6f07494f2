import type { Panel, Strip } from '../panel.js';
import { footer } from './footer.js';
import { heat } from './heat.js';
import { latency } from './latency.js';
import { latencyOverTime } from './latency-over-time.js';
import { ledger } from './ledger.js';
import { loads } from './loads.js';
import { progress, recording } from './progress.js';
import { rate } from './rate.js';
import { shards } from './shards.js';
import { thresholds } from './thresholds.js';
import { title } from './title.js';
import { trouble } from './trouble.js';
import { verdict } from './verdict.js';
import { workers } from './workers.js';

/** The panels of the dashboard, top to bottom. */
export const PANELS: readonly Panel[] = [
  rate,
  loads,
  thresholds,
  latencyOverTime,
  heat,
  latency,
  shards,
  workers,
  trouble,
];

/** The lines above and below the panels. */
export const ABOVE: readonly Strip[] = [title, progress, recording, verdict];
export const BELOW: readonly Strip[] = [ledger, footer];
