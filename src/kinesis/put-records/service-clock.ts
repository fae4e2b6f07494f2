import { SKEW_CODES, SKEW_MS_MIN } from '../errors/clock-skew.js';
import type { HttpResponse } from './response-parser.js';

/** The part of the SDK's configuration that concerns the service's clock. The SDK's own calls use the same offset. */
export interface ClockConfig {
  systemClockOffset: number;
  readonly disableClockSkewCorrection?: () => Promise<boolean>;
}

/** The service's clock: this machine's, corrected by the Date header of each response, as the SDK does. */
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

  noteResponse({ headers }: HttpResponse): void {
    // A response with an Age header comes from a cache, and its date is in the past.
    const atMs = headers.has('age') ? Number.NaN : Date.parse(headers.get('date') ?? '');
    if (this.#isCorrected && !Number.isNaN(atMs)) this.#config.systemClockOffset = atMs - Date.now();
  }

  /** Whether the service refused a request only because of its time, and the clock has been corrected since. */
  explains(errorName: string, signedAtMs: number): boolean {
    return SKEW_CODES.has(errorName) && Math.abs(this.nowMs() - signedAtMs) >= SKEW_MS_MIN;
  }
}
