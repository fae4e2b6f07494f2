/** Thrown if the service does not understand the format of the requests, so that all further ones would fail too. */
export class WireError extends Error {
  /** The same property as on the SDK's errors. */
  readonly $metadata: { readonly httpStatusCode: number };

  /** @param name an error code of the service, or an HTTP status */
  constructor(name: string, status: number, message: string) {
    super(message);
    this.name = name;
    this.$metadata = { httpStatusCode: status };
  }
}
