import type { Panel, Strip } from '../layout.js';
import { footerLines, keysLines, noticeLines } from './footer.js';
import { latencyLines, latencyPanel } from './latency.js';
import { ledgerLines } from './ledger.js';
import { progressLines } from './progress.js';
import { rateLines, ratePanel } from './rate.js';
import { shardsPanel } from './shards.js';
import { titleLines } from './title.js';
import { troubleLines, troublePanel } from './trouble.js';
import { workersPanel } from './workers.js';

/** The panels of the dashboard, top to bottom. */
export const PANELS: readonly Panel[] = [ratePanel, latencyPanel, shardsPanel, workersPanel, troublePanel];

/** The lines above and below the panels. */
export const ABOVE: readonly Strip[] = [titleLines, progressLines];
export const BELOW: readonly Strip[] = [ledgerLines, footerLines];

/** What a screen too small for panels shows instead, the most important first: the lines that do not fit are cut. */
export const COMPACT: readonly Strip[] = [titleLines, rateLines, ledgerLines, latencyLines, troubleLines];
export const COMPACT_BELOW: readonly Strip[] = [noticeLines, keysLines];
