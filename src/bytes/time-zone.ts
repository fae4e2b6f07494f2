/** Converts local times of a time zone. */

const MINUTE_MS = 60_000;
/** Zones change their offsets only at multiples of this. */
const STEP_MS = 15 * MINUTE_MS;
const OFFSET = /^([+-])(\d\d):?(\d\d)?$/;

/** A time zone: a fixed offset (`Z`, `UTC`, `+02:00`), or a name of the tz database (`Europe/Berlin`). */
export class TimeZone {
  readonly #fixedMs: number | undefined;
  readonly #format: Intl.DateTimeFormat | undefined;
  /** The last step and its offset. A recording has millions of times, but few offsets. */
  #lastStep = Number.NaN;
  #lastMs = 0;

  /** @throws RangeError for an unknown zone */
  constructor(name: string) {
    const [, sign, hours = '', minutes = '0'] = OFFSET.exec(name) ?? [];
    if (/^(z|utc|gmt)$/i.test(name)) this.#fixedMs = 0;
    else if (sign !== undefined) {
      if (Number(hours) > 23 || Number(minutes) > 59) throw new RangeError(`invalid offset: ${name}`);
      this.#fixedMs = (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * MINUTE_MS;
    } else this.#format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' });
  }

  /**
   * Returns how far a local time is ahead of UTC, milliseconds. A local time that occurs twice means its first
   * occurrence. A time that is skipped when the clocks go forward has the offset from before.
   *
   * @param localMs the local time as epoch milliseconds, as if it were in UTC
   */
  offsetMs(localMs: number): number {
    if (this.#fixedMs !== undefined) return this.#fixedMs;
    const step = Math.floor(localMs / STEP_MS);
    if (step === this.#lastStep) return this.#lastMs;
    // The offset of a day ago is the one before any change on this day.
    const beforeMs = this.#offsetAt(localMs - 24 * 60 * MINUTE_MS);
    const isBefore = this.#offsetAt(localMs - beforeMs) === beforeMs;
    this.#lastStep = step;
    this.#lastMs = isBefore ? beforeMs : this.#offsetAfter(localMs, beforeMs);
    return this.#lastMs;
  }

  /** Returns the new offset, unless this local time is skipped by the change. */
  #offsetAfter(localMs: number, beforeMs: number): number {
    const afterMs = this.#offsetAt(localMs - beforeMs);
    return this.#offsetAt(localMs - afterMs) === afterMs ? afterMs : beforeMs;
  }

  #offsetAt(epochMs: number): number {
    const parts = this.#format?.formatToParts(epochMs) ?? [];
    const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
    const [, sign, hours = '0', minutes = '0', seconds = '0'] = /([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(name) ?? [];
    const ms = (Number(hours) * 60 + Number(minutes)) * MINUTE_MS + Number(seconds) * 1000;
    return sign === '-' ? -ms : ms;
  }
}
