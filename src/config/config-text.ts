import { Document, Scalar } from 'yaml';
import { keyOf, type OptionTable } from '../options/option.js';
import type { ArgumentKey } from './config-file.js';

/**
 * A file for `--config` with these options. Secrets are left out, and defaults are comments.
 *
 * @param written options by name, as texts, lists and switches
 */
export function configText(
  table: OptionTable,
  written: Readonly<Record<string, unknown>>,
  argument?: { readonly key: ArgumentKey; readonly args: readonly string[] },
): string {
  const document = new Document({});
  if (argument !== undefined && argument.args.length > 0) {
    const { key, args } = argument;
    document.set(key, key === 'files' ? args.map(scalarOf) : scalarOf(args[0]!));
  }
  const defaults: string[] = [];
  const secrets: string[] = [];
  for (const [name, spec] of Object.entries(table)) {
    if (spec.commandLineOnly === true) continue;
    const value = written[name];
    if (value !== undefined && spec.secret === true) secrets.push(`${keyOf(spec)}: left out, because it is a secret`);
    else if (value !== undefined) document.set(keyOf(spec), yamlOf(value));
    else if (typeof spec.default === 'string' || typeof spec.default === 'number') {
      defaults.push(`${keyOf(spec)}: ${spec.defaultText ?? spec.default}`);
    }
  }
  const options = document.toString({ lineWidth: 0 });
  const comments = [...secrets, 'Defaults of other options:', ...defaults].map((line) => `# ${line}\n`);
  return [options === '{}\n' ? '' : options, ...comments].join('');
}

/** A file with loads. Secrets are left out. */
export function loadsText(
  table: OptionTable,
  whole: Readonly<Record<string, unknown>>,
  loads: readonly {
    readonly name: string | undefined;
    readonly files: readonly string[];
    readonly written: Readonly<Record<string, unknown>>;
  }[],
): string {
  const secrets = new Set<string>();
  const entries = (written: Readonly<Record<string, unknown>>) =>
    Object.entries(written).flatMap(([name, value]): [string, unknown][] => {
      const spec = table[name];
      if (spec === undefined || spec.commandLineOnly === true) return [];
      if (spec.secret !== true) return [[keyOf(spec), yamlOf(value)]];
      secrets.add(keyOf(spec));
      return [];
    });
  const list = loads.map(({ name, files, written }) => ({
    ...(name !== undefined && { name: scalarOf(name) }),
    ...(files.length > 0 && { files: files.map(scalarOf) }),
    ...Object.fromEntries(entries(written)),
  }));
  const document = new Document({ ...Object.fromEntries(entries(whole)), loads: list });
  const comments = [...secrets].map((key) => `# ${key}: left out, because it is a secret\n`);
  return [document.toString({ lineWidth: 0 }), ...comments].join('');
}

function yamlOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(scalarOf);
  // The switches that are given differ from their default: `no-header: true`.
  return typeof value === 'boolean' ? true : scalarOf(String(value));
}

/** A number without quotes, if it is written as one. */
function scalarOf(text: string): Scalar {
  return new Scalar(/^(0|[1-9]\d*)(\.\d+)?$/.test(text) && String(Number(text)) === text ? Number(text) : text);
}
