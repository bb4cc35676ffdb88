// oxlint-disable no-underscore-dangle -- libheif names its C functions so
import { LARGE_PIXEL_LIMIT } from "./opened.ts";

/** A picture reduced to at most {@link EDGE} pixels a side, 8 bits for each of red, green and blue. */
export interface ReducedPicture {
  readonly data: Buffer;
  readonly width: number;
  readonly height: number;
}

/**
 * Maximum edge of the reduced picture: larger than thumbnail and hash need, so that both are computed from averages.
 */
const EDGE = 640;
/**
 * Number of pixels above which only the tiles in every second row and column are decoded. Decoding 13 megapixels takes
 * a second, so a whole picture of 200 megapixels would exceed the time limit of an examination.
 */
const WHOLE_PIXELS = 64e6;

const [LUMA, BLUE, RED] = [0, 1, 2];
/** Values of `heif_colorspace` and `heif_chroma` that keep the stored YCbCr; a conversion would double the memory. */
const [AS_STORED_COLORSPACE, AS_STORED_CHROMA] = [99, 99];
/**
 * Offset of `heif_decoding_options.ignore_transformations`: the orientation is applied later, to the reduced picture.
 */
const IGNORE_TRANSFORMATIONS_AT = 1;
const TILING_BYTES = 256;

type Libheif = typeof import("libheif-js/wasm-bundle.js").default;

/**
 * Decodes a HEIC with libheif as WebAssembly, tile by tile, and reduces it.
 * @throws Error when the pixels cannot be decoded
 */
export async function decodeHeic(file: Buffer): Promise<ReducedPicture> {
  const { default: heif } = await import("libheif-js/wasm-bundle.js");
  await heif.ready;
  const data = heif._malloc(file.length);
  heif.HEAPU8.set(file, data);
  const context = heif._heif_context_alloc();
  try {
    return reduce(heif, context, data, file.length);
  } finally {
    heif._heif_context_free(context);
    heif._free(data);
  }
}

function reduce(heif: Libheif, context: number, data: number, bytes: number): ReducedPicture {
  const [error, found] = [heif._malloc(16), heif._malloc(8)];
  /** Calls a C function that returns an error and writes an address to `found`. */
  const call = (ask: () => void): number => {
    ask();
    const code = heif.HEAP32[error >> 2];
    if (code !== 0) throw new Error(`libheif answered ${code}.${heif.HEAP32[(error >> 2) + 1]}`);
    return heif.HEAPU32[found >> 2] ?? 0;
  };
  call(() => heif._heif_context_read_from_memory_without_copy(error, context, data, bytes, 0));
  const options = heif._heif_decoding_options_alloc();
  heif.HEAPU8[options + IGNORE_TRANSFORMATIONS_AT] = 1;
  const as = [AS_STORED_COLORSPACE, AS_STORED_CHROMA, options] as const;
  const handle = call(() => heif._heif_context_get_primary_image_handle(error, context, found));
  const tiling = heif._malloc(TILING_BYTES);
  heif.HEAPU8.fill(0, tiling, tiling + TILING_BYTES);
  heif.HEAP32[tiling >> 2] = 1; // the version of the structure
  call(() => heif._heif_image_handle_get_image_tiling(error, handle, 0, tiling));
  const [columns = 0, rows = 0, tileWidth = 0, tileHeight = 0, width = 0, height = 0] = heif.HEAPU32.subarray(
    (tiling >> 2) + 1,
    (tiling >> 2) + 7,
  );
  if (width * height === 0 || width * height > LARGE_PIXEL_LIMIT) throw new Error("a picture without a size");
  const reduction = new Reduction(width, height);
  const step = width * height > WHOLE_PIXELS ? 2 : 1;
  for (let row = 0; row < rows; row += step)
    for (let column = 0; column < columns; column += step) {
      const image = call(() =>
        columns * rows === 1
          ? heif._heif_decode_image(error, handle, found, ...as)
          : heif._heif_image_handle_decode_image_tile(error, handle, found, ...as, column, row),
      );
      reduction.add(heif, image, column * tileWidth, row * tileHeight);
      heif._heif_image_release(image);
    }
  return reduction.finish();
}

/** Averages the pixels of tiles, for each of the three channels. */
class Reduction {
  readonly #step: number;
  readonly #width: number;
  readonly #height: number;
  readonly #sums: readonly Float64Array[];
  readonly #counts: readonly Uint32Array[];

  constructor(width: number, height: number) {
    this.#step = Math.max(1, Math.ceil(Math.max(width, height) / EDGE));
    this.#width = Math.ceil(width / this.#step);
    this.#height = Math.ceil(height / this.#step);
    const cells = this.#width * this.#height;
    this.#sums = [LUMA, BLUE, RED].map(() => new Float64Array(cells));
    this.#counts = [LUMA, BLUE, RED].map(() => new Uint32Array(cells));
  }

  /** Adds a decoded tile whose upper left corner is at `left`, `top`; ignores padding beyond the picture's edge. */
  add(heif: Libheif, image: number, left: number, top: number): void {
    const wide = heif._heif_image_get_width(image, LUMA);
    const high = heif._heif_image_get_height(image, LUMA);
    for (const channel of [LUMA, BLUE, RED]) {
      const [sums, counts] = [this.#sums[channel], this.#counts[channel]];
      const [width, height] = [heif._heif_image_get_width(image, channel), heif._heif_image_get_height(image, channel)];
      if (!sums || !counts || width <= 0 || height <= 0) continue; // a grey picture has only the luma channel
      const strideAt = heif._malloc(4);
      const plane = heif._heif_image_get_plane_readonly(image, channel, strideAt);
      const stride = heif.HEAP32[strideAt >> 2] ?? 0;
      const bits = heif._heif_image_get_bits_per_pixel_range(image, channel);
      const [pixels, at, line] =
        bits > 8 ? ([heif.HEAPU16, plane >> 1, stride >> 1] as const) : ([heif.HEAPU8, plane, stride] as const);
      const scale = 255 / (2 ** bits - 1);
      const [across, down] = [wide / width, high / height];
      const columns = Uint32Array.from({ length: width }, (_, x) => Math.floor((left + x * across) / this.#step));
      for (let y = 0; y < height; y += 1) {
        const row = Math.floor((top + y * down) / this.#step);
        if (row >= this.#height) break;
        for (let x = 0; x < width; x += 1) {
          const column = columns[x] ?? this.#width;
          if (column >= this.#width) break;
          const cell = row * this.#width + column;
          sums[cell] = (sums[cell] ?? 0) + (pixels[at + y * line + x] ?? 0) * scale;
          counts[cell] = (counts[cell] ?? 0) + 1;
        }
      }
    }
  }

  /** Fills cells that were not decoded from their left and upper neighbours, and converts to RGB (ITU-T T.871 §7). */
  finish(): ReducedPicture {
    const [width, height] = [this.#width, this.#height];
    const valueOf = (channel: number, cell: number): number => {
      const counts = this.#counts[channel];
      if (!counts?.some((count) => count > 0)) return 128;
      return (this.#sums[channel]?.[cell] ?? 0) / Math.max(1, counts[cell] ?? 0);
    };
    const isGrey = !this.#counts[BLUE]?.some((count) => count > 0);
    const data = Buffer.alloc(width * height * 3);
    for (let cell = 0; cell < width * height; cell += 1) {
      if ((this.#counts[LUMA]?.[cell] ?? 0) === 0) {
        const from = cell % width > 0 ? cell - 1 : cell - width;
        const above = cell - width;
        const source = from >= 0 && (this.#counts[LUMA]?.[from] ?? 0) > 0 ? from : above;
        if (source >= 0) data.copyWithin(cell * 3, source * 3, source * 3 + 3);
        continue;
      }
      const luma = valueOf(LUMA, cell);
      const [blue, red] = isGrey ? [0, 0] : [valueOf(BLUE, cell) - 128, valueOf(RED, cell) - 128];
      const channels = [luma + 1.402 * red, luma - 0.344_136 * blue - 0.714_136 * red, luma + 1.772 * blue];
      for (const [index, value] of channels.entries())
        data[cell * 3 + index] = Math.max(0, Math.min(255, Math.round(value)));
    }
    return { data, width, height };
  }
}
