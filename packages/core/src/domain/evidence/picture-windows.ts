/** A part of a picture; its position and size are shares of the picture's edges. */
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

/**
 * The windows to compare: first the whole picture, then the picture after cutting off up to 8 % at all four edges, at
 * one edge, or at two edges that meet.
 */
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
