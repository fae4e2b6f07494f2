/** Who calls, as far as the emulator cares. */
export interface Caller {
  /** Twelve digits. */
  readonly account: string;
  readonly region: string;
}

/**
 * Takes the caller from the scope of a credential (`<access key>/<date>/<region>/…`): an access key of twelve digits is
 * the account. A region is no longer than any will be: what a client sends is kept for a while.
 */
export function callerOf(credential: string, otherwise: Caller): Caller {
  const scope = /^([^/]+)\/\d+\/([a-z0-9-]{1,63})\//.exec(credential);
  const accessKey = scope?.[1] ?? '';
  return {
    account: /^\d{12}$/.test(accessKey) ? accessKey : otherwise.account,
    region: scope?.[2] ?? otherwise.region,
  };
}
