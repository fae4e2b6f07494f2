import { createHash } from 'node:crypto';
import type { Report } from '../../core/report.js';
import { escaped } from '../escaped.js';
import { errorSection, inputSection, loadSection, settingsSection, workerSection } from './details.js';
import { latencySection } from './latencies.js';
import { partSection } from './parts.js';
import { rateSection } from './rates.js';
import { shardSection } from './shards.js';
import { STYLE } from './style.js';
import { timelineOf } from './timeline.js';
import { isGood, targetName, verdict } from './verdict.js';

/** The report as one page: no scripts, nothing loaded from elsewhere. */
export function renderHtml(report: Report): string {
  const timeline = timelineOf(report);
  const sections = [
    verdict(report),
    loadSection(report),
    partSection(report),
    rateSection(report, timeline),
    latencySection(report, timeline),
    shardSection(report, timeline),
    errorSection(report),
    workerSection(report),
    inputSection(report),
    settingsSection(report),
  ];
  return page(`${isGood(report) ? 'Passed' : 'Failed'}: kload run to ${targetName(report)}`, sections);
}

/** A page that allows nothing but its own style sheet. @param sections HTML; empty ones are left out */
export function page(title: string, sections: readonly string[]): string {
  const hash = createHash('sha256').update(STYLE).digest('base64');
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${sections.filter((section) => section !== '').join('\n')}
</main>
</body>
</html>
`;
}
