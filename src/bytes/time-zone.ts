const MINUTE_MS = 60_000;
/** No zone changes its offset between two multiples of this. */
const STEP_MS = 15 * MINUTE_MS;
const OFFSET = /^([+-])(\d\d):?(\d\d)?$/;

/**
 * What the clocks of a place show: a fixed offset (`Z`, `UTC`, `+02:00`), or a name of the tz database
 * (`Europe/Berlin`).
 */
export class TimeZone {
  readonly #fixedMs: number | undefined;
  readonly #format: Intl.DateTimeFormat | undefined;
  /** The times asked for last: a recording has millions, and few offsets. */
  #lastStep = Number.NaN;
  #lastMs = 0;

  /** @throws RangeError for a zone that there is not */
  constructor(name: string) {
    const [, sign, hours = '', minutes = '0'] = OFFSET.exec(name) ?? [];
    if (/^(z|utc|gmt)$/i.test(name)) this.#fixedMs = 0;
    else if (sign !== undefined) {
      if (Number(hours) > 23 || Number(minutes) > 59) throw new RangeError(`no offset: ${name}`);
      this.#fixedMs = (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * MINUTE_MS;
    } else this.#format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' });
  }

  /**
   * By how much the clocks are ahead of UTC when they show this (milliseconds, as if it were UTC). Of a time that they
   * show twice, the first is meant; where they are set forward, the offset before that counts.
   */
  offsetMs(localMs: number): number {
    if (this.#fixedMs !== undefined) return this.#fixedMs;
    const step = Math.floor(localMs / STEP_MS);
    if (step === this.#lastStep) return this.#lastMs;
    // Whatever the offset is, a day before it was that before a change.
    const beforeMs = this.#offsetAt(localMs - 24 * 60 * MINUTE_MS);
    const isBefore = this.#offsetAt(localMs - beforeMs) === beforeMs;
    this.#lastStep = step;
    this.#lastMs = isBefore ? beforeMs : this.#offsetAfter(localMs, beforeMs);
    return this.#lastMs;
  }

  /** The offset where that of the day before does not hold any more, or never held for this time. */
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
