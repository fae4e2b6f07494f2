import type { Token } from './token.js';

/**
 * A token for MSK: a request signed by the AWS credentials of the profile, or of the environment.
 *
 * @throws the AWS SDK's errors, where there are no credentials
 */
export async function mskToken(region: string, profile: string | undefined): Promise<Token> {
  // Loaded only where it is used: it brings clients of AWS of its own.
  const { generateAuthToken, generateAuthTokenFromProfile } = await import('aws-msk-iam-sasl-signer-js');
  const { token, expiryTime } =
    profile === undefined
      ? await generateAuthToken({ region })
      : await generateAuthTokenFromProfile({ region, awsProfileName: profile });
  return { value: token, expiresAtMs: expiryTime };
}
