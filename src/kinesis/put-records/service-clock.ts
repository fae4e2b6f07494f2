import { SKEW_CODES, SKEW_MS_MIN } from '../errors/clock-skew.js';
import type { Answer } from './response-parser.js';

/** What the SDK's resolved configuration says of the service's clock; its own calls read and set the same offset. */
export interface ClockConfig {
  systemClockOffset: number;
  readonly disableClockSkewCorrection?: () => Promise<boolean>;
}

/** The time by the service's clock: of this machine's, corrected by the Date of each answer, as the SDK does it. */
export class ServiceClock {
  readonly #config: ClockConfig;
  #isCorrected = true;

  constructor(config: ClockConfig) {
    this.#config = config;
  }

  /** Asks the SDK whether the user has switched the correction off (AWS_DISABLE_CLOCK_SKEW_CORRECTION). */
  async configure(): Promise<void> {
    this.#isCorrected = (await this.#config.disableClockSkewCorrection?.()) !== true;
  }

  /** Milliseconds since 1970. */
  nowMs(): number {
    return Date.now() + (this.#isCorrected ? this.#config.systemClockOffset : 0);
  }

  noteAnswer({ headers }: Answer): void {
    // With an age it is a cache's, and its date long ago.
    const atMs = headers.has('age') ? Number.NaN : Date.parse(headers.get('date') ?? '');
    if (this.#isCorrected && !Number.isNaN(atMs)) this.#config.systemClockOffset = atMs - Date.now();
  }

  /** Whether a request was refused only because it was signed by a clock that has been corrected since. */
  explains(errorName: string, signedAtMs: number): boolean {
    return SKEW_CODES.has(errorName) && Math.abs(this.nowMs() - signedAtMs) >= SKEW_MS_MIN;
  }
}
