/**
 * Keeps V8's young generations small in all threads. kload's queues bound its memory; by default V8 would use about 40
 * MiB more as a run gets longer, without sending any faster. The first two flags only affect threads that start later.
 * The minimum also keeps V8 from shrinking their young generations after some minutes, which would promote records that
 * wait to be sent. The third flag affects running threads too, but each starting thread resets it, so call this again
 * once they have started. Loads node:v8 only here, because that takes a few milliseconds.
 */
export function keepYoungGenerationSmall(): void {
  const { setFlagsFromString } = process.getBuiltinModule('node:v8');
  setFlagsFromString('--max-semi-space-size=4');
  setFlagsFromString('--min-semi-space-size=4');
  setFlagsFromString('--semi-space-growth-factor=1');
}
