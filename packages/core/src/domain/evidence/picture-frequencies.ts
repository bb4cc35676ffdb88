import * as v from "valibot";
import { WINDOWS, type Window } from "./picture-windows.ts";

/** Grey pixels of a picture, row by row from the top. */
export interface Grey {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Edge in pixels to which a window is reduced, and number of lowest frequencies that are used in each direction. */
const SIDE = 32;
const WAVES = 8;
/** Maximum difference between the grey values (0–255) of one row or column that counts as a frame. */
const FRAME_CONTRAST = 16;
/** Maximum thickness of a frame at each edge, as a share of the picture's height or width. */
const MOST_FRAME = 0.25;

/** `cosines[wave][pixel]` of the discrete cosine transform. */
const cosines = Array.from({ length: WAVES }, (_, wave) =>
  Array.from({ length: SIDE }, (_, pixel) => Math.cos(((2 * pixel + 1) * wave * Math.PI) / (2 * SIDE))),
);

/** The coefficients of a window, as [vertical wave][horizontal wave]. */
const Coefficients = v.array(v.array(v.number()));
export type Coefficients = readonly (readonly number[])[];
/** The lowest frequencies of the whole picture, and then of each window in it ({@link WINDOWS}). */
export const Likeness = v.array(Coefficients);
export type Likeness = v.InferOutput<typeof Likeness>;

/**
 * Computes the lowest frequencies (discrete cosine transform) of a picture and of windows in it, after cutting off a
 * frame around the picture.
 */
export function likenessOf(picture: Grey): Likeness {
  const area = withoutFrame(picture);
  return WINDOWS.map((window) => transform(reduce(picture, area, window)));
}

/** Cuts off rows and columns of one colour: a frame, or the bars of a video player. */
function withoutFrame({ data, width, height }: Grey): Window {
  const isPlain = (start: number, step: number, count: number, like: number) => {
    for (let index = 0; index < count; index += 1)
      if (Math.abs((data[start + index * step] ?? 0) - like) > FRAME_CONTRAST) return false;
    return true;
  };
  const cut = (most: number, lineAt: (line: number) => readonly [number, number, number]) => {
    const [first] = lineAt(0);
    const like = data[first] ?? 0;
    let lines = 0;
    while (lines < most && isPlain(...lineAt(lines), like)) lines += 1;
    return lines === most ? 0 : lines; // a large area of one colour is part of the picture, not a frame
  };
  const [mostRows, mostColumns] = [Math.floor(height * MOST_FRAME), Math.floor(width * MOST_FRAME)];
  const top = cut(mostRows, (line) => [line * width, 1, width]);
  const bottom = cut(mostRows, (line) => [(height - 1 - line) * width, 1, width]);
  const left = cut(mostColumns, (line) => [line, width, height]);
  const right = cut(mostColumns, (line) => [width - 1 - line, width, height]);
  // A plain area at fewer than four edges is a sky or a wall, not a frame.
  if (Math.min(top, bottom, left, right) === 0) return { left: 0, top: 0, width: 1, height: 1 };
  return {
    left: left / width,
    top: top / height,
    width: (width - left - right) / width,
    height: (height - top - bottom) / height,
  };
}

/**
 * Reduces a window to 32×32 average grey values. The area is given in shares of the picture, the window in shares of
 * the area.
 */
function reduce({ data, width, height }: Grey, area: Window, window: Window): Float64Array {
  const pixels = new Float64Array(SIDE * SIDE);
  const [left, top] = [area.left + window.left * area.width, area.top + window.top * area.height];
  const [across, down] = [(area.width * window.width * width) / SIDE, (area.height * window.height * height) / SIDE];
  for (let y = 0; y < SIDE; y += 1) {
    const rows = span(top * height + y * down, down, height);
    for (let x = 0; x < SIDE; x += 1) {
      const columns = span(left * width + x * across, across, width);
      let [sum, count] = [0, 0];
      for (let row = rows[0]; row < rows[1]; row += 1)
        for (let column = columns[0]; column < columns[1]; column += 1) {
          sum += data[row * width + column] ?? 0;
          count += 1;
        }
      pixels[y * SIDE + x] = sum / Math.max(1, count);
    }
  }
  return pixels;
}

function span(from: number, length: number, most: number): readonly [number, number] {
  const start = Math.min(most - 1, Math.floor(from));
  return [start, Math.min(most, Math.max(start + 1, Math.round(from + length)))];
}

function transform(pixels: Float64Array): number[][] {
  // Transforms along the rows first, then along the columns.
  const rows = Array.from({ length: SIDE }, (_, y) =>
    cosines.map((wave) => wave.reduce((sum, value, x) => sum + value * (pixels[y * SIDE + x] ?? 0), 0)),
  );
  return cosines.map((wave) =>
    cosines.map((_, horizontal) =>
      Math.round(wave.reduce((sum, value, y) => sum + value * (rows[y]?.[horizontal] ?? 0), 0)),
    ),
  );
}
