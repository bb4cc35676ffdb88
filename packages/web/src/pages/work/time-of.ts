/** The parts of a piece of evidence that state its time. */
interface Timed {
  readonly details: {
    readonly file: { readonly taken_at: string | null; readonly utc_offset: string | null } | null;
  } | null;
  readonly timestamp: string;
}

/**
 * The time of a piece of evidence, in milliseconds since 1970: the time in its file, or the stated time if the file has
 * none. The time in a file is local. Its offset is the file's, or that of this device if the file has none.
 */
export function timeOf({ details, timestamp }: Timed): number {
  const file = details?.file;
  const time = file?.taken_at ? Date.parse(`${file.taken_at}${file.utc_offset ?? ""}`) : Number.NaN;
  return Number.isNaN(time) ? Date.parse(timestamp) : time;
}
