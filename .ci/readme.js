// Writes README's generated parts anew from the built code; with --check it only says whether they are up to date.
import { readFileSync, writeFileSync } from 'node:fs';
import { EMULATE_OPTIONS } from '../dist/src/config/emulate-options.js';
import { RUN_OPTIONS } from '../dist/src/config/run-options.js';
import { RECORD_OPTIONS, TAIL_OPTIONS } from '../dist/src/config/tail-options.js';
import { EXIT_CODES } from '../dist/src/core/errors.js';
import { OPERATIONS } from '../dist/src/emulator/actions/operations.js';
import { FAULT_ACTIONS } from '../dist/src/emulator/faults/fault-action.js';
import { LIMITS } from '../dist/src/emulator/limits/limit-table.js';

const README = new URL('../README.md', import.meta.url);

const PARTS = {
  'run options': optionTable(RUN_OPTIONS),
  'tail options': optionTable(TAIL_OPTIONS),
  'record options': optionTable(unlike(RECORD_OPTIONS, TAIL_OPTIONS)),
  'emulate options': optionTable(EMULATE_OPTIONS),
  'exit codes': exitCodeTable(),
  faults: faultTable(),
  limits: limitTable(),
  operations: operationTable(),
};

/** The options that another command has not, or not like this. */
function unlike(options, others) {
  return Object.fromEntries(Object.entries(options).filter(([name, spec]) => others[name] !== spec));
}

function optionTable(options) {
  const groups = groupBy(Object.values(options));
  const lines = ['| option | what it does | default | environment |', '|---|---|---|---|'];
  for (const [group, specs] of groups) {
    lines.push(`| **${group}** | | | |`);
    for (const { flags, help, env, ...spec } of specs) {
      const value = spec.default === undefined || spec.default === true ? '' : `\`${spec.default}\``;
      lines.push(
        `| \`${cell(flags)}\` | ${cell(help)}${spec.repeatable ? ' (repeatable)' : ''} | ${cell(spec.defaultText ?? value)} | ${env ? `\`${env}\`` : ''} |`,
      );
    }
  }
  return lines;
}

/** Node.js 20 has no Map.groupBy yet. */
function groupBy(specs) {
  const groups = new Map();
  for (const spec of specs) groups.set(spec.group, [...(groups.get(spec.group) ?? []), spec]);
  return groups;
}

function exitCodeTable() {
  const rows = Object.values(EXIT_CODES).map(({ code, meaning }) => `| ${code} | ${meaning} |`);
  return ['| code | meaning |', '|---|---|', ...rows];
}

function faultTable() {
  const rows = FAULT_ACTIONS.map(({ name, fisIds, what }) => {
    const id = fisIds[0] === undefined ? '' : `\`${fisIds[0]}\``;
    return `| \`${name}\` | ${cell(what)} | ${id} |`;
  });
  return ['| fault | what it does | the name in AWS FIS |', '|---|---|---|', ...rows];
}

function limitTable() {
  const rows = Object.entries(LIMITS).map(([name, { bounds, unit, default: value, keptWhenOff }]) => {
    return `| \`${name}\` | ${cell(bounds)}${keptWhenOff ? '; kept when off' : ''} | ${value.toLocaleString('en')} ${unit} |`;
  });
  return ['| limit | at most | |', '|---|---|---|', ...rows];
}

function operationTable() {
  const rows = [...OPERATIONS].map(([name, { emulated }]) => `| ${name} | ${cell(emulated)} |`);
  return ['| operation | what is emulated |', '|---|---|', ...rows];
}

function cell(text) {
  return text.replaceAll('|', '\\|');
}

const before = readFileSync(README, 'utf8');
let after = before;
for (const [name, lines] of Object.entries(PARTS)) {
  const part = new RegExp(`(<!-- begin ${name} -->\n)[\\s\\S]*?(<!-- end ${name} -->)`);
  if (!part.test(after)) throw new Error(`README.md has no part '${name}'`);
  after = after.replace(part, (_, begin, end) => `${begin}${lines.join('\n')}\n${end}`);
}

if (!process.argv.includes('--check')) writeFileSync(README, after);
else if (before !== after) {
  console.error('README.md is not up to date with the code: run `npm run readme`');
  process.exitCode = 1;
}
