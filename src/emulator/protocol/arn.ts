export interface ArnParts {
  readonly region: string;
  /** Twelve digits. */
  readonly account: string;
  /** Undefined if the ARN names no stream. */
  readonly streamName: string | undefined;
}

/** Splits the ARN of a stream or of a consumer. A part that is missing is empty. */
export function parseArn(arn: string): ArnParts {
  const [, , , region = '', account = '', resource = ''] = arn.split(':', 6);
  return { region, account, streamName: resource.split('/', 2)[1] };
}
