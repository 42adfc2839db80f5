/** Names of events in recordings. */

/** Names that v1 and `RecordingWriter` give: the number is the event's counter. */
const COUNTED_NAME = /_(\d+)\.parquet$/;

/** Counter of an event by the name of its member, or null if that has none. */
export function counterOfName(name: string): number | null {
  const digits = COUNTED_NAME.exec(name)?.[1];
  return digits === undefined ? null : Number(digits);
}
