import { ServiceError } from '../protocol/service-error.js';

/**
 * Throws a DryRunOperationException if the request asks only whether it would succeed. Call it after all checks, before
 * anything is read or written.
 */
export function endDryRun({ DryRun: isDryRun }: { readonly DryRun?: boolean | undefined }): void {
  if (isDryRun !== true) return;
  throw new ServiceError(
    'DryRunOperationException',
    'The request was rejected because the DryRun parameter was specified.',
  );
}
