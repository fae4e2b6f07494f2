/** arn:aws:kinesis:REGION:ACCOUNT:stream/NAME holds its region, so it need not be said again. */
export function regionOfArn(arn: string | undefined): string | undefined {
  return arn?.split(':')[3] || undefined;
}
