/** An item of a section and its key, which is its position. */
export interface Keyed {
  readonly key: string;
  readonly item: object;
}
