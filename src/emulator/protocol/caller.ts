/** The account and region that a request comes from. */
export interface Caller {
  /** Twelve digits. */
  readonly account: string;
  readonly region: string;
}

/**
 * Reads the caller from a credential (`<access key>/<date>/<region>/…`). An access key of twelve digits is the account.
 * Longer regions than any that AWS may have are ignored, since the emulator stores the region.
 */
export function callerOf(credential: string, defaults: Caller): Caller {
  const scope = /^([^/]+)\/\d+\/([a-z0-9-]{1,63})\//.exec(credential);
  const accessKey = scope?.[1] ?? '';
  return {
    account: /^\d{12}$/.test(accessKey) ? accessKey : defaults.account,
    region: scope?.[2] ?? defaults.region,
  };
}
