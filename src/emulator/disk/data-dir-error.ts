/** Says why a data folder cannot be used, and hints at what the user can do. */
export class DataDirError extends Error {
  readonly code = 'ERR_KLOAD_DATA_DIR';
  readonly hint: string;

  constructor(message: string, hint: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'DataDirError';
    this.hint = hint;
  }
}

/** @param offset bytes from the start of the file; undefined if the damage has no offset */
export function damaged(file: string, offset: number | undefined, what: string, hint: string): DataDirError {
  const where = offset === undefined ? '' : ` at byte ${offset}`;
  return new DataDirError(`${file} is damaged${where}: ${what}`, hint);
}
