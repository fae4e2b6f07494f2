import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { planRun } from '../../dist/src/config/run-plan.js';
import { openRun } from '../../dist/src/run/open-run.js';

/** A run to the null target with counting-sender.js. Arguments: the options as JSON, and the file for the report. */

const [options = '{}', reportFile = ''] = process.argv.slice(2);
const plan = planRun({ ...JSON.parse(options), target: 'null', workers: '1' }, [], {}, 2);
const run = await openRun(plan, () => {}, fileURLToPath(new URL('counting-sender.js', import.meta.url)));
const report = await run.execute();
writeFileSync(reportFile, JSON.stringify(report));
