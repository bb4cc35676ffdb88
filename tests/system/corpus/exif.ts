/** The EXIF block of a camera, built from its parts (EXIF 2.32, big- or little-endian). */
export interface Camera {
  readonly make: string;
  readonly model: string;
  readonly isBigEndian: boolean;
  /** Length of the maker notes, a block in the camera's own format, which other programs do not know. */
  readonly makerNoteBytes: number;
}
export interface Shot {
  readonly orientation: number;
  /** A local time in the form `YYYY:MM:DD HH:MM:SS`. */
  readonly taken: string;
  readonly offset: string | undefined;
  readonly place: { readonly lat: number; readonly lon: number } | undefined;
  /**
   * Latitude and longitude in degrees, minutes and seconds, north and east, each number as a numerator and a
   * denominator. Used instead of `place`.
   */
  readonly fractions?: readonly [lat: readonly number[], lon: readonly number[]];
}

const [ASCII, SHORT, LONG, RATIONAL, UNDEFINED] = [2, 3, 4, 5, 7];
type Value = string | number | Buffer | readonly number[];
type Entry = readonly [tag: number, type: number, value: Value];

/** Builds an EXIF block: a TIFF structure with the directories of the picture, of EXIF and of GPS. */
export function exifOf({ make, model, isBigEndian, makerNoteBytes }: Camera, shot: Shot): Buffer {
  const [lat, lon] = shot.fractions ?? [];
  const place: Entry[] =
    lat && lon
      ? [
          [1, ASCII, "N"],
          [2, RATIONAL, lat],
          [3, ASCII, "E"],
          [4, RATIONAL, lon],
        ]
      : shot.place
        ? [
            [1, ASCII, shot.place.lat < 0 ? "S" : "N"],
            [2, RATIONAL, degrees(shot.place.lat)],
            [3, ASCII, shot.place.lon < 0 ? "W" : "E"],
            [4, RATIONAL, degrees(shot.place.lon)],
          ]
        : [];
  const details: Entry[] = [
    [0x9003, ASCII, shot.taken],
    ...(shot.offset === undefined ? [] : [[0x9011, ASCII, shot.offset] as const]),
    [0x927c, UNDEFINED, Buffer.alloc(makerNoteBytes, 0x5a)],
  ];
  const picture: Entry[] = [
    [0x010f, ASCII, make],
    [0x0110, ASCII, model],
    [0x0112, SHORT, shot.orientation],
  ];
  const writer = new Writer(isBigEndian);
  return writer.file(picture, details, place);
}

/** Converts degrees to degrees, minutes and seconds as fractions. */
function degrees(value: number): number[] {
  const seconds = Math.round(Math.abs(value) * 3_600 * 100);
  return [Math.floor(seconds / 360_000), 1, Math.floor((seconds % 360_000) / 6_000), 1, seconds % 6_000, 100];
}

class Writer {
  readonly #isBig: boolean;

  constructor(isBigEndian: boolean) {
    this.#isBig = isBigEndian;
  }

  file(picture: readonly Entry[], details: readonly Entry[], place: readonly Entry[]): Buffer {
    const head = Buffer.concat([Buffer.from(this.#isBig ? "MM" : "II"), this.#number(2, 42), this.#number(4, 8)]);
    const pointers = (at: number, placeAt: number): Entry[] => [
      ...picture,
      [0x8769, LONG, at],
      ...(place.length > 0 ? [[0x8825, LONG, placeAt] as const] : []),
    ];
    const first = this.#directory(pointers(0, 0), 8).length;
    const second = this.#directory(details, 8 + first);
    return Buffer.concat([
      head,
      this.#directory(pointers(8 + first, 8 + first + second.length), 8),
      second,
      ...(place.length > 0 ? [this.#directory(place, 8 + first + second.length)] : []),
    ]);
  }

  #directory(entries: readonly Entry[], at: number): Buffer {
    const end = at + 2 + entries.length * 12 + 4;
    const rows: Buffer[] = [];
    const values: Buffer[] = [];
    let next = end;
    for (const [tag, type, value] of entries) {
      const bytes = this.#bytes(type, value);
      const count = type === SHORT || type === LONG ? 1 : type === RATIONAL ? bytes.length / 8 : bytes.length;
      const isInside = bytes.length <= 4;
      const inside = isInside ? Buffer.concat([bytes, Buffer.alloc(4 - bytes.length)]) : this.#number(4, next);
      rows.push(Buffer.concat([this.#number(2, tag), this.#number(2, type), this.#number(4, count), inside]));
      if (isInside) continue;
      const padded = Buffer.concat([bytes, Buffer.alloc(bytes.length % 2)]);
      values.push(padded);
      next += padded.length;
    }
    return Buffer.concat([this.#number(2, entries.length), ...rows, this.#number(4, 0), ...values]);
  }

  #bytes(type: number, value: Value): Buffer {
    if (typeof value === "string") return Buffer.from(`${value}\0`, "latin1");
    if (typeof value === "number") return this.#number(type === SHORT ? 2 : 4, value);
    return Buffer.isBuffer(value) ? value : Buffer.concat(value.map((one) => this.#number(4, one)));
  }

  #number(size: number, value: number): Buffer {
    const bytes = Buffer.alloc(size);
    if (this.#isBig) bytes.writeUIntBE(value, 0, size);
    else bytes.writeUIntLE(value, 0, size);
    return bytes;
  }
}
