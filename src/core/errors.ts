/** The exit codes of the process. docs/reference/exit-codes.md is generated from this. */
export const EXIT_CODES = {
  ok: {
    code: 0,
    meaning:
      'all records sent, except those left out by `--on-bad-record skip`, or all that were read before `--max-time` ended the run; `kload tail` and `kload record` read all they were asked for; `kload compare` compared the runs; `kload verify` found no difference',
  },
  bug: { code: 1, meaning: 'a bug in kload' },
  usage: { code: 2, meaning: 'wrong usage: an unknown flag, an invalid value, or a port that is already in use' },
  input: {
    code: 3,
    meaning:
      'bad input: a file is missing, damaged, or holds a record that cannot be sent; or nothing in the input could be sent',
  },
  target: {
    code: 4,
    meaning:
      'the stream or topic refused the run, tail or recording, or could not be reached; or there are no credentials',
  },
  failures: {
    code: 5,
    meaning: 'finished, but some records failed, or `--max-time` left some unsent; `kload verify` found a difference',
  },
  output: {
    code: 6,
    meaning:
      'an output (report, dead letters, checkpoint, records of a tail or recording, standard output) could not be written',
  },
  threshold: {
    code: 99,
    meaning: 'a threshold was crossed; `kload compare`: a `--fail-if` was crossed, or could not be told',
  },
  interrupted: {
    code: 130,
    meaning: 'interrupted, after draining; `kload tail` and `kload record` without a bound exit with 0 on Ctrl-C',
  },
} as const;

export type ExitReason = keyof typeof EXIT_CODES;

/**
 * A problem that the user can fix. It is shown as one line and a hint, without a stack trace. Any other error is a bug
 * in kload.
 */
export class KloadError extends Error {
  readonly exit: ExitReason;
  readonly hint: string | undefined;

  /**
   * @param exit    why the run ends: it sets the exit code
   * @param message what is wrong and where (file:line, flag, stream or shard), without a full stop
   * @param hint    how to fix it
   */
  constructor(exit: ExitReason, message: string, hint?: string) {
    super(message);
    this.name = 'KloadError';
    this.exit = exit;
    this.hint = hint;
  }

  /** What `kload` exits with. */
  get exitCode(): number {
    return EXIT_CODES[this.exit].code;
  }
}

/** Whether an error has this name: errors of the AWS SDK have the service's error code as their name. */
export function isNamed(error: unknown, name: string): error is Error {
  return error instanceof Error && error.name === name;
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
