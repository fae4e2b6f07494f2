import type { OptionTable } from '../options/option.js';
import { region, text, url } from '../options/values.js';

/** The options of all commands that connect to a stream. */
export const CONNECTION_OPTIONS = {
  region: {
    flags: '--region <region>',
    group: 'Target',
    help: 'AWS region of the stream',
    defaultText: "AWS_REGION, AWS_DEFAULT_REGION, or the profile's",
    env: 'KLOAD_REGION',
    schema: region,
  },
  profile: {
    flags: '--profile <name>',
    group: 'Target',
    help: 'named profile in the AWS configuration files',
    defaultText: 'AWS_DEFAULT_PROFILE, AWS_PROFILE, or default',
    env: 'KLOAD_PROFILE',
    schema: text,
  },
  endpointUrl: {
    flags: '--endpoint-url <url>',
    group: 'Target',
    help: 'URL of Kinesis, such as an emulator or a VPC endpoint',
    defaultText: "AWS_ENDPOINT_URL_KINESIS, AWS_ENDPOINT_URL, the profile's, or AWS itself",
    env: 'KLOAD_ENDPOINT_URL',
    schema: url,
  },
} as const satisfies OptionTable;
