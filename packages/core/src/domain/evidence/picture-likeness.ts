import type { Coefficients, Likeness } from "./picture-frequencies.ts";

/** A hash of 63 bits, as two numbers of 32 and 31 bits. Each bit states whether a coefficient is positive. */
type Hash = readonly [number, number];

/** The coefficients of a picture mirrored and turned by right angles: all eight forms, the picture itself first. */
function turned(of: Coefficients): Coefficients[] {
  const mirrored = (source: Coefficients, isDown: boolean, isAcross: boolean): Coefficients =>
    source.map((row, vertical) =>
      row.map((value, horizontal) => {
        const isFlipped = (isDown && vertical % 2 === 1) !== (isAcross && horizontal % 2 === 1);
        return isFlipped ? -value : value;
      }),
    );
  const transposed = of.map((_, vertical) => of.map((row) => row[vertical] ?? 0));
  return [of, transposed].flatMap((source) => [
    source,
    mirrored(source, false, true),
    mirrored(source, true, false),
    mirrored(source, true, true),
  ]);
}

/** All coefficients except the average brightness. */
const listed = (of: Coefficients): number[] => of.flat().slice(1);
const bitsOf = (values: readonly number[]) =>
  values.reduce((bits, value) => ((bits << 1) | (value > 0 ? 1 : 0)) >>> 0, 0);
const hashOf = (of: Coefficients): Hash => [bitsOf(listed(of).slice(0, 32)), bitsOf(listed(of).slice(32))];

const toText = (hash: Hash): string => hash.map((part) => part.toString(16).padStart(8, "0")).join("");
function fromText(text: string): Hash {
  const [, high = "0", low = "0"] = /^([\da-f]{8})([\da-f]{8})$/.exec(text) ?? [];
  return [Number.parseInt(high, 16), Number.parseInt(low, 16)];
}

function differingBits(a: Hash, b: Hash): number {
  return ones(a[0] ^ b[0]) + ones(a[1] ^ b[1]);
}

function ones(bits: number): number {
  let value = bits - ((bits >>> 1) & 0x5555_5555);
  value = (value & 0x3333_3333) + ((value >>> 2) & 0x3333_3333);
  return Math.imul((value + (value >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}

/**
 * Maximum number of bits in which similar pictures differ. Measured on 2,000 generated pictures: see
 * `tests/system/likeness/likeness.test.ts`.
 */
export const ALIKE_BITS = 9;

/** Number of bands of a hash: similar pictures share at least one band, by which an index finds them. */
const BANDS = 3;
const BAND_BITS = 21;
/**
 * Number of bits of each band for which both values are searched. They belong to the coefficients nearest to 0, whose
 * signs a small change of the picture flips first.
 */
const UNSURE_BITS = 4;

/**
 * Encodes a band as a number below 2^24: whether it belongs to the whole picture or to a window, its position, its
 * bits.
 */
const token = (isWhole: boolean, band: number, bits: number) => ((isWhole ? BANDS : 0) + band) * 2 ** BAND_BITS + bits;

/**
 * Splits the coefficients into bands. Every third coefficient belongs to the same band, so that each band has low and
 * high frequencies.
 */
const bandsOf = (of: Coefficients): number[][] =>
  Array.from({ length: BANDS }, (_, band) => listed(of).filter((_value, index) => index % BANDS === band));

const tokensOf = (of: Coefficients, isWhole: boolean): number[] =>
  bandsOf(of).map((values, band) => token(isWhole, band, bitsOf(values)));

/** The tokens of each band, with both values of each of its {@link UNSURE_BITS} unsure bits in every combination. */
function unsureTokens(of: Coefficients, isWhole: boolean): number[] {
  return bandsOf(of).flatMap((values, band) => {
    const unsure = values
      .map((value, index) => ({ size: Math.abs(value), bit: BAND_BITS - 1 - index }))
      .toSorted((a, b) => a.size - b.size)
      .slice(0, UNSURE_BITS);
    return Array.from({ length: 2 ** UNSURE_BITS }, (_, combination) => {
      const flipped = unsure.filter((_one, index) => (combination & (1 << index)) !== 0);
      return token(
        isWhole,
        band,
        flipped.reduce((bits, { bit }) => bits ^ (1 << bit), bitsOf(values)),
      );
    });
  });
}

/**
 * Strength below which the strongest wave of a picture is noise: the picture has one colour, for example from a covered
 * lens.
 */
const PLAIN_BELOW = 1_500;
const isPlain = (whole: Coefficients | undefined) =>
  whole === undefined || listed(whole).every((value) => Math.abs(value) < PLAIN_BELOW);

/**
 * The hashes and tokens that are stored for a picture. A picture of one colour has no tokens: it resembles no other
 * picture.
 */
export function storedLikeness(likeness: Likeness): {
  readonly pictureHash: string;
  readonly pictureWindows: string[];
  readonly pictureTokens: number[];
} {
  const pictureWindows = likeness.map((window) => toText(hashOf(window)));
  const tokens = likeness.flatMap((window, index) => [
    ...tokensOf(window, false),
    ...(index === 0 ? tokensOf(window, true) : []),
  ]);
  const pictureTokens = isPlain(likeness[0]) ? [] : [...new Set(tokens)];
  return { pictureHash: pictureWindows[0] ?? "", pictureWindows, pictureTokens };
}

/**
 * The tokens to search for: the whole picture among all windows (it may be cropped from a stored picture), and its
 * windows among whole pictures (a stored one may be cropped from it), each mirrored and turned.
 */
export function searchTokens([whole, ...windows]: Likeness): number[] {
  if (isPlain(whole)) return [];
  const all = [
    ...(whole ? turned(whole).flatMap((one) => unsureTokens(one, false)) : []),
    ...windows.flatMap((window) => turned(window).flatMap((one) => unsureTokens(one, true))),
  ];
  return [...new Set(all)];
}

/**
 * Returns a function that compares the picture with the stored windows of another one and returns the number of bits in
 * which the best pair differs.
 */
export function compareWith([whole, ...windows]: Likeness): (stored: readonly string[]) => number {
  const wholes = whole ? turned(whole).map(hashOf) : [];
  const parts = windows.flatMap((window) => turned(window).map(hashOf));
  return (stored) => {
    const hashes = stored.map(fromText);
    const first = hashes.slice(0, 1);
    let least = Infinity;
    for (const [own, others] of [
      [wholes, hashes],
      [parts, first],
    ] as const)
      for (const a of own) for (const b of others) least = Math.min(least, differingBits(a, b));
    return least;
  };
}
