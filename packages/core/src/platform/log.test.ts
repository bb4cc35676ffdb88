import { expect, test } from "vitest";
import { Log } from "./log.ts";

test("Log.batch() writes the lines of one event-loop tick at once, in order", async () => {
  const written: string[] = [];
  const restore = Log.to((text) => void written.push(text));
  try {
    Log.batch();
    Log.raw("first");
    Log.raw("second");
    expect(written).toEqual([]);
    await new Promise((resolve) => setImmediate(resolve));
    Log.raw("third");
    await new Promise((resolve) => setImmediate(resolve));
    expect(written).toEqual(["first\nsecond", "third"]);
  } finally {
    restore();
  }
});
