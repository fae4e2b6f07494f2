import { section } from '../options/option.js';
import { region, text, url } from '../options/values.js';

/** The options of all commands that connect to a stream. */
export const CONNECTION_OPTIONS = section('Target', {
  region: {
    flags: '--region <region>',
    help: 'AWS region of the stream',
    defaultText: "AWS_REGION, AWS_DEFAULT_REGION, or the profile's",
    schema: region,
  },
  profile: {
    flags: '--profile <name>',
    help: 'named profile in the AWS configuration files',
    defaultText: 'AWS_DEFAULT_PROFILE, AWS_PROFILE, or default',
    schema: text,
  },
  endpointUrl: {
    flags: '--endpoint-url <url>',
    help: 'URL of Kinesis, such as an emulator or a VPC endpoint',
    defaultText: "AWS_ENDPOINT_URL_KINESIS, AWS_ENDPOINT_URL, the profile's, or AWS itself",
    schema: url,
  },
});

/** The region of arn:aws:kinesis:REGION:ACCOUNT:stream/NAME. */
export function regionOfArn(arn: string | undefined): string | undefined {
  return arn?.split(':')[3] || undefined;
}
