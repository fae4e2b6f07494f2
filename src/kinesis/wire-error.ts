/** An answer which says that the other side does not know the format of requests: it will understand none of this run. */
export class WireError extends Error {
  /** @param name a code of the service, or an HTTP status */
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}
