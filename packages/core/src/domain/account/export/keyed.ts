/** An item of a section, with the key by which a cursor continues after it. */
export interface Keyed {
  readonly key: string;
  readonly item: object;
}
