// Writes the JSON Schema of the report from its TypeScript types; with --check it only says whether it is up to date.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createGenerator } from 'ts-json-schema-generator';

const SCHEMA = new URL('../report.schema.json', import.meta.url);
/** @param {string} path */
const fromRoot = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

const generator = createGenerator({
  path: fromRoot('src/core/report.ts'),
  tsconfig: fromRoot('tsconfig.json'),
  type: 'Report',
  topRef: false,
  // `npm run check:types` does it, with the compiler that builds kload.
  skipTypeCheck: true,
});
const { $schema, ...schema } = generator.createSchema('Report');
const text = `${JSON.stringify({ $schema, title: 'Report of kload, version 2', ...schema }, null, 2)}\n`;

if (!process.argv.includes('--check')) writeFileSync(SCHEMA, text);
else if (!existsSync(SCHEMA) || readFileSync(SCHEMA, 'utf8') !== text) {
  console.error('report.schema.json is not up to date with src/core/report.ts: run `npm run schema`');
  process.exitCode = 1;
}
