/**
 * A response which says that the other side does not know the format of requests: it will understand none of this run.
 */
export class WireError extends Error {
  /** As the SDK's errors hold it. */
  readonly $metadata: { readonly httpStatusCode: number };

  /** @param name a code of the service, or an HTTP status */
  constructor(name: string, status: number, message: string) {
    super(message);
    this.name = name;
    this.$metadata = { httpStatusCode: status };
  }
}
