const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** Formats of times with names of months, used in mail, HTTP and the logs of web servers. */
export type WrittenFormat = 'rfc1123' | 'apache';

const FORMS: Readonly<Record<WrittenFormat, RegExp>> = {
  // Fri, 02 Jan 2026 03:04:05 GMT
  rfc1123: /^(?:[a-z]{3}, *)?(\d{1,2}) ([a-z]{3}) (\d{4}) (\d\d):(\d\d):(\d\d) (?:GMT|UTC|UT|([+-])(\d\d)(\d\d))$/i,
  // 02/Jan/2026:03:04:05 +0000
  apache: /^\[?(\d{1,2})\/([a-z]{3})\/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)\]?$/i,
};

/** Parses a time into epoch milliseconds; NaN for anything else. */
export function parseWrittenDate(text: string, format: WrittenFormat): number {
  const [, day, month = '', year, hour, minute, second, sign, offsetHours = 0, offsetMinutes = 0] =
    FORMS[format].exec(text) ?? [];
  const monthIndex = MONTHS.indexOf(month.toLowerCase());
  if (monthIndex < 0 || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return Number.NaN;
  if (Number(offsetHours) > 23 || Number(offsetMinutes) > 59) return Number.NaN;
  const days = new Date(0);
  days.setUTCFullYear(Number(year), monthIndex, Number(day));
  if (days.getUTCDate() !== Number(day)) return Number.NaN;
  const offset = (Number(offsetHours) * 60 + Number(offsetMinutes)) * (sign === '-' ? -1 : 1);
  return days.getTime() + ((Number(hour) * 60 + Number(minute) - offset) * 60 + Number(second)) * 1000;
}

/** Returns the format of a time; undefined if it has neither. */
export function writtenFormatOf(text: string): WrittenFormat | undefined {
  const formats: readonly WrittenFormat[] = ['rfc1123', 'apache'];
  return formats.find((format) => !Number.isNaN(parseWrittenDate(text, format)));
}
