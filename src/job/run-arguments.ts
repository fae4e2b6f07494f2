import { flagOf, type OptionTable } from '../options/option.js';

/** Options of a run that name a file to read. */
const FILES = new Set(['--csv', '--rate-file', '--thresholds', '--template', '--config', '--tls-ca', '--tls-cert']);
/** Those whose file holds a secret. */
const SECRET_FILES = new Set(['--tls-key', '--sasl-password-file', '--sasl-token-file']);

/** A file that a run reads. */
export interface NamedFile {
  readonly file: string;
  /** What names it: '--template', or '' for an input. */
  readonly by: string;
  readonly isSecret: boolean;
}

/** The command line of a run, in pieces that can be put together again with other names of files. */
export class RunArguments {
  /** Options that were given, as flags. */
  readonly flags: ReadonlySet<string>;
  readonly files: readonly NamedFile[];
  readonly #pieces: readonly (string | NamedFile)[];

  /** @param args what follows `kload run`, and is known to be valid */
  constructor(args: readonly string[], table: OptionTable) {
    const takesValue = new Map(Object.values(table).map((spec) => [flagOf(spec), spec.flags]));
    const flags = new Set<string>();
    const pieces: (string | NamedFile)[] = [];
    for (let i = 0; i < args.length; i++) {
      const arg = args[i]!;
      if (arg === '-' || !arg.startsWith('-')) {
        pieces.push({ file: arg, by: '', isSecret: false });
        continue;
      }
      const [flag = '', ...rest] = arg.split('=');
      const value = rest.length > 0 ? rest.join('=') : undefined;
      flags.add(flag);
      pieces.push(flag);
      const form = takesValue.get(flag) ?? '';
      const next = args[i + 1];
      const hasOwn = value === undefined && (form.includes('<') || (form.includes('[') && !next?.startsWith('-')));
      const given = hasOwn ? args[++i] : value;
      if (given !== undefined) pieces.push(pieceOf(flag, given));
    }
    this.flags = flags;
    this.#pieces = pieces;
    this.files = pieces.filter((piece) => typeof piece !== 'string');
  }

  /** The arguments, with each file under the name that `rename` gives it. */
  with(rename: (file: NamedFile) => string): string[] {
    return this.#pieces.map((piece) => (typeof piece === 'string' ? piece : rename(piece)));
  }
}

function pieceOf(flag: string, value: string): string | NamedFile {
  const isInline = flag === '--template' && value.includes('{{');
  if (isInline || !(FILES.has(flag) || SECRET_FILES.has(flag))) return value;
  return { file: value, by: flag, isSecret: SECRET_FILES.has(flag) };
}
