/** Splits the ARN of a stream or a consumer. Missing parts are empty; `streamName` is undefined if there is none. */
export function parseArn(arn: string) {
  const [, , , region = '', account = '', resource = ''] = arn.split(':', 6);
  return { region, account, streamName: resource.split('/', 2)[1] };
}

/** Prefixes of region names, and the AWS partition of those regions. All other regions are in `aws`. */
const PARTITIONS = [
  ['cn-', 'aws-cn'],
  ['us-gov-', 'aws-us-gov'],
  ['eusc-', 'aws-eusc'],
  ['us-iso-', 'aws-iso'],
  ['us-isob-', 'aws-iso-b'],
  ['eu-isoe-', 'aws-iso-e'],
  ['us-isof-', 'aws-iso-f'],
] as const;

/** The partition of a region, which follows `arn:` in ARNs. */
export function partitionOf(region: string): string {
  return PARTITIONS.find(([prefix]) => region.startsWith(prefix))?.[1] ?? 'aws';
}
