import { onTestFinished } from 'vitest';

/** Disposes of it when the test has ended, also when that has run out of time. */
export function untilTestEnds<Resource extends AsyncDisposable>(resource: Resource): Resource {
  onTestFinished(async () => {
    await resource[Symbol.asyncDispose]();
  });
  return resource;
}
