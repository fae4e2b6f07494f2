/**
 * Prints a scene of views.ts as the dashboard shows it: node test/ui/look.js [scene] [columns] [rows] [recent|run|help]
 * Without colours under NO_COLOR. Run `npm run build` before.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

process.env.NODE_ENV ??= 'production';
if (!process.env.NO_COLOR) process.env.FORCE_COLOR ??= '1';
const { createElement } = await import('react');
const { renderToString } = await import('ink');
const { Dashboard } = await import('../../dist/src/ui/dashboard-view.js');

const source = readFileSync(join(dirname(fileURLToPath(import.meta.url)), 'views.ts'), 'utf8');
const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023, verbatimModuleSyntax: true };
const { outputText } = ts.transpileModule(source, { compilerOptions });
// A module without a place of its own can import only by whole URLs.
const built = outputText.replaceAll('../../src/', new URL('../../dist/src/', import.meta.url).href);
const { SCENES } = await import(`data:text/javascript,${encodeURIComponent(built)}`);

const [scene = 'lively', columns = 80, rows = 24, what = 'recent'] = process.argv.slice(2);
const view = SCENES[scene];
if (view === undefined) throw new Error(`no scene '${scene}': ${Object.keys(SCENES).join(', ')}`);
const size = { columns: Number(columns), rows: Number(rows) };
const props = { view, size, span: what === 'run' ? 'run' : 'recent', colour: !process.env.NO_COLOR };
const helpPage = what === 'help' ? 0 : undefined;
console.log(renderToString(createElement(Dashboard, { ...props, helpPage }), { columns: size.columns }));
