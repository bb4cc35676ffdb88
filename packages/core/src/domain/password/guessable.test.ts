import { describe, expect, test } from "vitest";
import { Guessable } from "./guessable.ts";

// These tests fill up passwords with letters that match no rule, such as `qxm`, so that each rule is tested alone.
const isGuessable = (plain: string, ...context: string[]) => Guessable.isGuessable(plain, context);
const guessable = (passwords: readonly string[]) => passwords.filter((password) => isGuessable(password));

test("a password of fewer than four different characters is guessable", () => {
  expect(isGuessable("axkxakaxkakx")).toBe(true);
  expect(isGuessable("amkxakaxmakx")).toBe(false);
});

test("a password that repeats a string of up to seven characters is guessable", () => {
  const repeated = ["kxmvkxmvkxmv", "kxmqvbzkxmqvbz", "kxmqvbzkxmqvbzkxmqvbz"];
  expect(guessable(repeated)).toEqual(repeated);
  expect(guessable(["kxmqvbzjkxmqvbzj", "kxmqv", "kxmqvb"])).toEqual([]);
});

describe("keyboard walks in a password", () => {
  test("a password that is a keyboard walk along one row is guessable", () => {
    const walks = ["90-=-09-=0", "weruioiuytre", "sdsasdfdsasdfd", "zxcvcxzxcvbnbv"];
    expect(guessable(walks)).toEqual(walks);
  });

  test("a password that walks between neighbouring keys of several rows is guessable, and a password that jumps is not", () => {
    expect(isGuessable("1qazxsw23edc")).toBe(true);
    expect(guessable(["1z2x3c4v5b6n", "qpwoeirutyal", "日本語文字化村山"])).toEqual([]);
  });

  test("a keyboard walk with a jump in one of four steps is guessable, and with two jumps it is not", () => {
    expect(guessable(["qwerz", "qwezr"])).toEqual(["qwerz"]);
  });
});

describe("dates in a password", () => {
  const days = ["5", "05", "9", "10", "15", "20", "25", "29", "30", "31"];
  const months = ["1", "01", "9", "09", "10", "11", "12"];
  const two = (number: string) => number.padStart(2, "0");
  const every = (form: (day: string, month: string) => string) =>
    days.flatMap((day) => months.map((month) => form(day, month)));
  /**
   * Builds a password that contains a date three times, and then `qxm`: three letters that match no rule. A fourth such
   * letter would make the password acceptable.
   */
  const thrice = (date: string) => `${date}_${date}_${date}_qxm`;

  test.each([
    ["year, month and day", every((day, month) => `1987-${month}-${day}`)],
    ["with slashes", every((day, month) => `2008/${month}/${day}`)],
    ["day, month and year", every((day, month) => `${day}.${month}.1987`)],
    ["with a short year", every((day, month) => `${day} ${month} 87`)],
    ["year, month and day as eight digits", every((day, month) => `1987${two(month)}${two(day)}`)],
    ["day, month and year as eight digits", every((day, month) => `${two(day)}${two(month)}2008`)],
    ["six digits", every((day, month) => `${two(day)}${two(month)}87`)],
    ["years", ["1987", "1900", "2008", "2099"]],
  ])("a password of a date in the form %s is guessable", (_form, dates) => {
    expect(dates.map(thrice).filter((password) => !isGuessable(password))).toEqual([]);
  });

  test("a password that consists of a date with the name of a month is guessable", () => {
    const names = ["agustus 17 qxm", "3 januari juli qx", "december 6 march q"];
    expect(guessable(names)).toEqual(names);
  });

  test("a date with two more digits and three letters is a guessable password; one more digit or letter makes it acceptable", () => {
    expect(guessable(["1987qxm12", "12qxm1987"])).toEqual(["1987qxm12", "12qxm1987"]);
    expect(guessable(["1987qxm123", "123qxm1987", "1987qxmz", "1987 qxmz 5k"])).toEqual([]);
  });

  test("a password with an impossible date, such as a 13th month, is not guessable", () => {
    const none = ["1987-13-45", "45.13.1887", "18871345", "45138719"].map((date) => `${date}_k${date}_qxm`);
    expect(guessable(none)).toEqual([]);
  });

  test("a password without digits is not taken for a date", () => {
    expect(isGuessable("k!x?m#@&")).toBe(false);
  });
});

describe("common words in a password", () => {
  test("a common word is guessable with digits around it and signs anywhere, but not with digits inside", () => {
    const padded = ["12dragon34", "dragon!?34", "12!dragon", "12love34!", "!d-r-a-g-o-n!"];
    expect(guessable(padded)).toEqual(padded);
    expect(guessable(["dra9gon", "dra77gon9", "12qxm34!"])).toEqual([]);
  });

  test.each(["drag0n", "monk3y", "dr4gon", "pa5sword", "7iger", "p@ssword", "$unshine", "pr1ncess", "1iverpool"])(
    "a password of common words is guessable with a digit or symbol in place of a letter: %s",
    (word) => {
      expect(isGuessable(word)).toBe(true);
    },
  );

  test("a password of two common words is guessable if both have at least four characters", () => {
    expect(guessable(["lovebear", "dragonlove", "lovedragon"])).toEqual(["lovebear", "dragonlove", "lovedragon"]);
    expect(Guessable.isCommon("sex")).toBe(true);
    expect(guessable(["12sex34!", "dragonsex", "sexdragonqx"])).toEqual([]);
  });
});

test("a password of a word that all members know, such as the platform's name, and a common word or three letters is guessable", () => {
  const context = ["gotong", "royong"];
  expect(Guessable.isGuessable("gotong_royong_zz9", context)).toBe(true);
  expect(Guessable.isGuessable("royong_dragon_9", context)).toBe(true);
  expect(Guessable.isGuessable("gotongqxmz", context)).toBe(false);
  expect(Guessable.isGuessable("12qxm34!", context)).toBe(false);
});

test("the check for guessable passwords ignores accents and reads look-alike letters of other scripts as Latin letters", () => {
  expect(Guessable.asItLooks("РаѕѕＷörd\u200b\u00ad12")).toBe("password12");
  expect(Guessable.asItLooks("авекмнорстухгіјѕһԁԛԝьпид")).toBe("abekmhopctyxrijshdqwbnud");
  expect(Guessable.asItLooks("βαεικνορτυχγησωıłøđ")).toBe("baeikvoptuxynowilod");
  expect(Guessable.asItLooks("日本 kucing 🌊")).toBe("日本 kucing 🌊");
});
