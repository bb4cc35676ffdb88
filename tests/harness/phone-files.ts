import { box, mp4, uint } from "./files.ts";
import { PICTURE, PICTURE_DECODER, TILE, TILE_DECODER } from "./hevc.ts";

/** Files in the formats of current phones that the shared generators do not cover. */

/** An iPhone video: QuickTime's brand, and a sample entry that ends with 32 bits of zero. */
export const quickTime = (codec = "hvc1"): Buffer =>
  mp4(110_000, { codec, brands: "qt  \0\0\0\0qt  ", entryEnd: uint(4, 0) });

/**
 * The same video with its media in a box whose length has 64 bits, as cameras write it before they know the length.
 * @param size the stated length of the box, instead of the correct one
 */
export function with64BitMedia(video: Buffer, size?: bigint): Buffer {
  const at = video.indexOf("mdat") - 4;
  const head = Buffer.alloc(16);
  head.writeUInt32BE(1, 0);
  head.write("mdat", 4, "latin1");
  head.writeBigUInt64BE(size ?? BigInt(video.readUInt32BE(at) + 8), 8);
  const rest = Buffer.from(video.subarray(at + 8));
  const offset = rest.lastIndexOf("stco") + 12;
  rest.writeUInt32BE(rest.readUInt32BE(offset) + 8, offset);
  return Buffer.concat([video.subarray(0, at), head, rest]);
}

/** A sequence of HEVC pictures, in which phones store bursts: a track of pictures without an item. */
export const heicSequence = (codec = "hvc1", brands = "msf1\0\0\0\0msf1hevciso8"): Buffer =>
  mp4(110_000, { codec, brands });

const TILE_EDGE = 512;
/** The grid's version, flags, rows − 1, columns − 1, width and height (ISO 23008-12 §6.6.2.3.2). */
const GRID = Buffer.concat([uint(2, 0), uint(1, 23), uint(1, 31), uint(2, 16_320), uint(2, 12_240)]);

/** A HEIC picture of 16,320×12,240 pixels, as phones with 200 megapixels store it: a grid of `tiles` items. */
export function heicOfTiles(tiles: number): Buffer {
  const gridId = tiles + 1;
  const ids = Array.from({ length: tiles }, (_, index) => index + 1);
  const item = (id: number, kind: string) => box("infe", 0x02000000, uint(2, id), uint(2, 0), `${kind}\0`);
  const place = (id: number, isInside: number, at: number, length: number) =>
    Buffer.concat([uint(2, id), uint(2, isInside), uint(2, 0), uint(2, 1), uint(4, at), uint(4, length)]);
  const tie = (id: number, size: number) => Buffer.concat([uint(2, id), uint(1, 2), uint(1, 0x81), uint(1, size)]);
  const type = box("ftyp", "heic\0\0\0\0mif1heic");
  const meta = (at: number) =>
    box(
      "meta",
      0,
      box("hdlr", 0, 0, "pict", Buffer.alloc(13)),
      box("pitm", 0, uint(2, gridId)),
      box(
        "iloc",
        0x01000000,
        uint(2, 0x4400),
        uint(2, tiles + 1),
        ...ids.map((id, index) => place(id, 0, at + index * TILE.length, TILE.length)),
        place(gridId, 1, 0, 8),
      ),
      box("iinf", 0, uint(2, tiles + 1), ...ids.map((id) => item(id, "hvc1")), item(gridId, "grid")),
      box("iref", 0, box("dimg", uint(2, gridId), uint(2, tiles), ...ids.map((id) => uint(2, id)))),
      box("idat", GRID),
      box(
        "iprp",
        box("ipco", box("hvcC", TILE_DECODER), box("ispe", 0, TILE_EDGE, TILE_EDGE), box("ispe", 0, 16_320, 12_240)),
        box("ipma", 0, tiles + 1, ...ids.map((id) => tie(id, 2)), tie(gridId, 3)),
      ),
    );
  const pixels = ids.map(() => TILE);
  return Buffer.concat([type, meta(type.length + meta(0).length + 8), box("mdat", ...pixels)]);
}

interface GridHeic {
  /** Whether item ids have 32 bits, as in the later versions of the boxes. */
  readonly isWide?: boolean;
  /** The meaning of an auxiliary picture, such as `urn:mpeg:hevc:2015:auxid:1` for its transparency. */
  readonly auxiliary?: string;
}

/** A HEIC picture of 800×600 pixels in a grid of one tile, with or without an auxiliary picture. */
export function heicOfOneTile({ isWide = false, auxiliary }: GridHeic = {}): Buffer {
  const [tile, grid, other] = [1, 2, 3];
  const id = (value: number) => uint(isWide ? 4 : 2, value);
  const items = [tile, grid, ...(auxiliary === undefined ? [] : [other])];
  const item = (value: number) =>
    box("infe", isWide ? 0x03000000 : 0x02000000, id(value), uint(2, 0), value === grid ? "grid\0" : "hvc1\0");
  const place = (value: number, isInside: number, at: number, length: number) =>
    Buffer.concat([id(value), uint(2, isInside), uint(2, 0), uint(2, 1), uint(4, at), uint(4, length)]);
  const tie = (value: number, ...properties: readonly number[]) =>
    Buffer.concat([id(value), uint(1, properties.length), ...properties.map((property) => uint(1, property))]);
  const link = (kind: string, from: number, to: number) => box(kind, id(from), uint(2, 1), id(to));
  const layout = Buffer.concat([uint(2, 0), uint(1, 0), uint(1, 0), uint(2, 800), uint(2, 600)]);
  const type = box("ftyp", "heic\0\0\0\0mif1heic");
  const properties = [
    box("hvcC", PICTURE_DECODER),
    box("ispe", 0, 800, 600),
    box("hvcC", TILE_DECODER),
    box("ispe", 0, TILE_EDGE, TILE_EDGE),
    box("auxC", 0, `${auxiliary}\0`),
  ];
  const meta = (at: number) =>
    box(
      "meta",
      0,
      box("hdlr", 0, 0, "pict", Buffer.alloc(13)),
      box("pitm", isWide ? 0x01000000 : 0, id(grid)),
      box(
        "iloc",
        isWide ? 0x02000000 : 0x01000000,
        uint(2, 0x4400),
        id(items.length),
        place(tile, 0, at, PICTURE.length),
        place(grid, 1, 0, layout.length),
        ...(auxiliary === undefined ? [] : [place(other, 0, at + PICTURE.length, TILE.length)]),
      ),
      box("iinf", 0, uint(2, items.length), ...items.map(item)),
      box(
        "iref",
        isWide ? 0x01000000 : 0,
        link("dimg", grid, tile),
        ...(auxiliary === undefined ? [] : [link("auxl", other, grid)]),
      ),
      box("idat", layout),
      box(
        "iprp",
        box("ipco", ...properties),
        box(
          "ipma",
          isWide ? 0x01000000 : 0,
          items.length,
          tie(tile, 0x81, 2),
          tie(grid, 2),
          ...(auxiliary === undefined ? [] : [tie(other, 0x83, 4, 0x85)]),
        ),
      ),
    );
  return Buffer.concat([type, meta(type.length + meta(0).length + 8), box("mdat", PICTURE, TILE)]);
}
