import type { Token } from './token.js';

/**
 * Makes a token for MSK: a request signed with the AWS credentials of the profile or of the environment.
 *
 * @throws the AWS SDK's errors if there are no credentials
 */
export async function mskToken(region: string, profile: string | undefined): Promise<Token> {
  // Loaded on first use: the package brings AWS clients of its own.
  const { generateAuthToken, generateAuthTokenFromProfile } = await import('aws-msk-iam-sasl-signer-js');
  const { token, expiryTime } =
    profile === undefined
      ? await generateAuthToken({ region })
      : await generateAuthTokenFromProfile({ region, awsProfileName: profile });
  return { value: token, expiresAtMs: expiryTime };
}
