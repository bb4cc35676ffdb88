/** A part of a picture, in parts of its edges. */
export interface Window {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const window = (left: number, top: number, right: number, bottom: number): Window => ({
  left,
  top,
  width: 1 - left - right,
  height: 1 - top - bottom,
});
const CUT = 0.08;

/** The whole picture first, then what is left when up to 8 % is cut off: around, of each edge, of each corner. */
export const WINDOWS: readonly Window[] = [
  window(0, 0, 0, 0),
  window(CUT / 2, CUT / 2, CUT / 2, CUT / 2),
  window(CUT, CUT, CUT, CUT),
  window(CUT, 0, 0, 0),
  window(0, CUT, 0, 0),
  window(0, 0, CUT, 0),
  window(0, 0, 0, CUT),
  window(CUT, CUT, 0, 0),
  window(0, CUT, CUT, 0),
  window(CUT, 0, 0, CUT),
  window(0, 0, CUT, CUT),
];
