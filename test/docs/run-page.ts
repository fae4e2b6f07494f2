import { randomInt } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { checkOptions } from './check-options.js';
import { missingLine } from './output.js';
import { type Block, ROOT } from './page.js';
import { Terminal } from './terminal.js';

/** What the machine has besides a shell, Node.js, curl and jq. */
export interface Tools {
  /** Names that a page may need. */
  readonly names: ReadonlySet<string>;
  /** Folders of programs. */
  readonly path: readonly string[];
  /** Ports of servers that already run, by the ports that pages name. */
  readonly ports: ReadonlyMap<number, number>;
}

/** Ports that pages name; each run of a page gets free ones. */
const PORTS = [4318, 4566, 8000, 9464];

/** Runs the blocks of a page in order, in a fresh folder, and throws if one does not do what the page says. */
export async function runPage(blocks: readonly Block[], tools: Tools): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'kload-docs-'));
  try {
    const ports = new Map(tools.ports);
    for (const port of PORTS) ports.set(port, await freePort());
    const place = prepare(folder, ports.get(4566) ?? 0, tools);
    await using page = new Page(place, tools, ports);
    for (const block of blocks) {
      try {
        await page.run(block);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        throw new Error(`the block in line ${block.line}: ${message}`);
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Place {
  /** Where the page is followed: it holds what a checkout has and a reader uses. */
  readonly cwd: string;
  /** Where the test keeps its own files. */
  readonly files: string;
  readonly env: NodeJS.ProcessEnv;
}

function prepare(folder: string, port: number, tools: Tools): Place {
  const [cwd, files, bin, home] = ['page', 'files', 'bin', 'home'].map((name) => {
    mkdirSync(join(folder, name));
    return join(folder, name);
  }) as [string, string, string, string];
  cpSync(join(ROOT, 'examples'), join(cwd, 'examples'), { recursive: true });
  cpSync(join(ROOT, 'test/interop/kcl'), join(cwd, 'test/interop/kcl'), { recursive: true });
  const modules = join(cwd, 'node_modules');
  mkdirSync(modules);
  // Each package is a link, so that caches are written to the folder of the page.
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    if (name !== '.vite') symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  }
  symlinkSync(ROOT, join(modules, 'kload'));
  symlinkSync(join(ROOT, 'bin/kload.js'), join(bin, 'kload'));
  const path = [bin, ...tools.path, dirname(process.execPath), process.env.PATH ?? '', join(modules, '.bin')];
  const env = {
    PATH: path.join(delimiter),
    HOME: home,
    LANG: 'C.UTF-8',
    KLOAD_PORT: String(port),
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    AWS_PAGER: '',
    npm_config_update_notifier: 'false',
  };
  return { cwd, files, env };
}

/** A port that other tests do not get meanwhile: below those that systems give out for port 0 and to clients. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 32_000);
    const server = createServer();
    const free = await new Promise((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (free === true) return port;
  }
}

const SCRIPTS: ReadonlyMap<string, (code: string) => { suffix: string; command: string }> = new Map([
  ['js', () => ({ suffix: '.mjs', command: 'node' })],
  ['python', () => ({ suffix: '.py', command: 'python' })],
  [
    'ts',
    (code: string) =>
      code.includes("from 'vitest'")
        ? { suffix: '.test.ts', command: 'vitest run' }
        : {
            suffix: '.mts',
            command: 'tsc --noEmit --strict --skipLibCheck --target es2023 --module nodenext --types node',
          },
  ],
]);

/** Every command that a block runs instead of the real one if it cannot run; kload's options are checked. */
const STUBS = `PATH=
kload() { for word; do printf '%s\\x1f' "$word"; done >>"$KLOAD_LINES"; printf '\\x1e' >>"$KLOAD_LINES"; }
cd() { :; }
command_not_found_handle() { :; }
`;

class Page implements AsyncDisposable {
  readonly #place: Place;
  readonly #tools: Tools;
  readonly #ports: ReadonlyMap<number, number>;
  readonly #main: Terminal;
  readonly #terminals = new Map<string, Terminal>();
  /** Terminals of blocks that do not run here. */
  readonly #absent = new Set<string>();
  #scripts = 0;
  /** The block that the next output belongs to, with where its output begins. */
  #last: { terminal: Terminal; from: number; marks: Block['marks'] } | undefined;

  constructor(place: Place, tools: Tools, ports: ReadonlyMap<number, number>) {
    this.#place = place;
    this.#tools = tools;
    this.#ports = ports;
    this.#main = new Terminal(place.cwd, place.env);
    this.#main.type(`exec 2>&1; set -o pipefail; trap 'echo "$? $BASH_COMMAND" >>"${this.#failures}"' ERR`);
  }

  get #failures(): string {
    return join(this.#place.files, 'failures');
  }

  async run(block: Block): Promise<void> {
    const { marks, language } = block;
    const unused = marks.replacements.find(([from]) => !block.code.includes(from));
    if (unused !== undefined) throw new Error(`it has no text "${unused[0]}" to replace`);
    const code = this.#adapted(block.code, marks.replacements);
    if (language === 'text' && marks.file === undefined) return this.#compare(block, code);
    if (marks.file !== undefined) {
      const file = join(this.#place.cwd, marks.file);
      mkdirSync(dirname(file), { recursive: true });
      return writeFileSync(file, code);
    }
    const script = SCRIPTS.get(language);
    if (language !== 'sh' && script === undefined) return;
    this.#last = undefined;
    const isMissing = marks.needs !== undefined && !this.#tools.names.has(marks.needs);
    if (marks.notRun !== undefined || isMissing) {
      if (marks.terminal !== undefined) this.#absent.add(marks.terminal);
      return language === 'sh' ? this.#check(code) : undefined;
    }
    if (marks.terminal !== undefined) return this.#start(marks.terminal, code, marks);
    if (script === undefined) return this.#execute(code, marks);
    const { suffix, command } = script(code);
    const name = `block-${block.line}${suffix}`;
    writeFileSync(join(this.#place.cwd, name), code);
    return this.#execute(`${command} ${name}`, marks);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#terminals.values(), this.#main].map((terminal) => terminal[Symbol.asyncDispose]()));
  }

  async #execute(code: string, marks: Block['marks']): Promise<void> {
    rmSync(this.#failures, { force: true });
    const file = this.#script(code);
    const from = this.#main.output.length;
    this.#main.type(`. ${file} </dev/null; printf '\\n%s\\n' 'end of ${file}'`);
    await this.#main.printsLine(`end of ${file}`, from);
    this.#last = { terminal: this.#main, from, marks };
    const failed = readIfThere(this.#failures).split('\n').filter(Boolean);
    const codes = failed.map((line) => Number.parseInt(line, 10));
    const expected = marks.exit === undefined ? [] : [marks.exit];
    if (codes.join() === expected.join()) return;
    const what = failed.length === 0 ? 'no command failed' : `failed, by exit code:\n${failed.join('\n')}`;
    throw new Error(`${what}\nprinted:\n${this.#main.output.slice(from)}`);
  }

  #start(name: string, code: string, marks: Block['marks']): void {
    if (this.#terminals.has(name)) throw new Error(`the terminal '${name}' is already in use`);
    const terminal = new Terminal(this.#place.cwd, this.#place.env, `exec 2>&1\n${code}`);
    this.#terminals.set(name, terminal);
    this.#last = { terminal, from: 0, marks };
  }

  async #compare({ marks }: Block, shown: string): Promise<void> {
    const name = marks.terminal ?? marks.ctrlC;
    if (name !== undefined) return this.#compareTerminal(name, shown, marks.ctrlC !== undefined);
    const last = this.#last;
    if (last === undefined) return;
    const adapted = this.#adapted(shown, last.marks.replacements);
    if (last.terminal !== this.#main) return last.terminal.prints(adapted);
    const printed = this.#main.output.slice(last.from);
    const missing = missingLine(adapted, printed);
    if (missing !== undefined) throw new Error(`not printed: ${missing}\nprinted:\n${printed}`);
  }

  async #compareTerminal(name: string, shown: string, isToEnd: boolean): Promise<void> {
    if (this.#absent.has(name)) return;
    const terminal = this.#terminals.get(name);
    if (terminal === undefined) throw new Error(`there is no terminal '${name}'`);
    if (isToEnd) {
      await terminal.pressCtrlC();
      this.#terminals.delete(name);
    }
    return terminal.prints(shown);
  }

  /** Checks the command lines of kload in a block that cannot run. */
  async #check(code: string): Promise<void> {
    const lines = join(this.#place.files, 'kload-lines');
    rmSync(lines, { force: true });
    const file = this.#script(`${STUBS}${code}\nwait`);
    await using terminal = new Terminal(this.#place.cwd, { ...this.#place.env, KLOAD_LINES: lines }, `. ${file}`);
    if ((await terminal.ends()) !== 0) throw new Error(`the shell cannot read it:\n${terminal.output}`);
    for (const line of readIfThere(lines).split('\x1e').slice(0, -1)) {
      const words = line.split('\x1f').slice(0, -1);
      try {
        await checkOptions(words, this.#place.env);
      } catch (error) {
        throw new Error(`kload ${words.join(' ')}: ${error instanceof Error ? error.message : error}`);
      }
    }
  }

  #script(code: string): string {
    const file = join(this.#place.files, `script-${this.#scripts}.sh`);
    this.#scripts += 1;
    writeFileSync(file, `${code}\ntrue\n`);
    return file;
  }

  #adapted(text: string, replacements: Block['marks']['replacements']): string {
    let adapted = text;
    for (const [from, to] of replacements) adapted = adapted.replaceAll(from, to);
    for (const [from, to] of this.#ports) adapted = adapted.replaceAll(new RegExp(`\\b${from}\\b`, 'g'), String(to));
    return adapted;
  }
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
