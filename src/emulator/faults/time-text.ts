const UNITS = /^(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?$/;
const ISO_8601 = /^PT(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?$/;

/** '200ms', '1m30s', '0', or as AWS FIS writes them: 'PT5M'. Milliseconds; undefined where it is no time. */
export function parseTime(text: string): number | undefined {
  if (text === '0') return 0;
  const [whole = '', hours = '0', minutes = '0', seconds = '0', ms = '0'] =
    UNITS.exec(text) ?? ISO_8601.exec(text.toUpperCase()) ?? [];
  if (whole === '' || whole === 'PT') return undefined;
  return Number(hours) * 3_600_000 + Number(minutes) * 60_000 + Number(seconds) * 1000 + Number(ms);
}
