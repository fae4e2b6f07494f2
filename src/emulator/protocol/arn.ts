/** Splits the ARN of a stream or a consumer. Missing parts are empty; `streamName` is undefined if there is none. */
export function parseArn(arn: string) {
  const [, , , region = '', account = '', resource = ''] = arn.split(':', 6);
  return { region, account, streamName: resource.split('/', 2)[1] };
}
