/** A data folder that cannot be used as it is: what is wrong with it, and what to do. */
export class DataDirError extends Error {
  readonly code = 'ERR_KLOAD_DATA_DIR';
  readonly hint: string;

  constructor(message: string, hint: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'DataDirError';
    this.hint = hint;
  }
}

/** @param offset bytes from the file's start; undefined where it is not about one place in it */
export function damaged(file: string, offset: number | undefined, what: string, hint: string): DataDirError {
  const where = offset === undefined ? '' : ` at byte ${offset}`;
  return new DataDirError(`${file} is damaged${where}: ${what}`, hint);
}
