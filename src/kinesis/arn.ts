/** The region of arn:aws:kinesis:REGION:ACCOUNT:stream/NAME. */
export function regionOfArn(arn: string | undefined): string | undefined {
  return arn?.split(':')[3] || undefined;
}
