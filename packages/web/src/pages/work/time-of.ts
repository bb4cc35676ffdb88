/** The parts of a piece of evidence that state its time. */
interface Timed {
  readonly details: {
    readonly file: { readonly taken_at: string | null; readonly utc_offset: string | null } | null;
  } | null;
  readonly timestamp: string;
}

/**
 * The time of a piece of evidence in milliseconds: its file's own time, which is local to the file's offset. A file
 * without an offset is read as of this device's time zone; a piece without a file's time has its stated time.
 */
export function timeOf({ details, timestamp }: Timed): number {
  const file = details?.file;
  const time = file?.taken_at ? Date.parse(`${file.taken_at}${file.utc_offset ?? ""}`) : Number.NaN;
  return Number.isNaN(time) ? Date.parse(timestamp) : time;
}
