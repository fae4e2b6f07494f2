import { writeFileSync } from 'node:fs';
import { planRun } from '#dist/src/config/run-plan.js';
import { openRun } from '#dist/src/run/open-run.js';
import { programFile } from '../support/files.js';

/** A run to the null target with counting-sender.ts. Arguments: the options as JSON, and the file for the report. */

const [options = '{}', reportFile = ''] = process.argv.slice(2);
const plan = planRun({ ...JSON.parse(options), target: 'null', workers: '1' }, [], {}, 2);
const run = await openRun(plan, () => {}, { workerModule: programFile('counting-sender') });
const report = await run.execute();
writeFileSync(reportFile, JSON.stringify(report));
