/** Who calls, as far as the emulator cares. */
export interface Caller {
  /** Twelve digits. */
  readonly account: string;
  readonly region: string;
}

/**
 * Takes the caller from the Authorization header's credential scope (`Credential=<access key>/<date>/<region>/…`):
 * an access key of twelve digits is the account. Signatures are not verified.
 */
export function callerOf(authorization: string, otherwise: Caller): Caller {
  const scope = /Credential=([^/,\s]+)\/\d+\/([a-z0-9-]+)\//.exec(authorization);
  const accessKey = scope?.[1] ?? '';
  return {
    account: /^\d{12}$/.test(accessKey) ? accessKey : otherwise.account,
    region: scope?.[2] ?? otherwise.region,
  };
}
