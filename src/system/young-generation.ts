/**
 * Keeps V8's young generations small, in all threads. What kload holds is bounded by its own queues; left to itself, V8 takes
 * some 40 MiB more the longer a run lasts, and sends no faster for it. The first two flags reach threads to come, whose young
 * generation would also be made so small when a run has gone on for some minutes that what has yet to be sent is taken for
 * old; the third also reaches the one that runs. To be called again once threads have started, for each sets that one back.
 * Loaded once there is something to do: its module takes a few milliseconds to load.
 */
export function keepYoungGenerationSmall(): void {
  const { setFlagsFromString } = process.getBuiltinModule('node:v8');
  setFlagsFromString('--max-semi-space-size=4');
  setFlagsFromString('--min-semi-space-size=4');
  setFlagsFromString('--semi-space-growth-factor=1');
}
