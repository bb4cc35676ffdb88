import { describe, expect, test } from "vitest";
import { Guessable } from "./guessable.ts";

// Each rule alone: the rest of a password is a text that no other rule knows.
const isGuessable = (plain: string, ...context: string[]) => Guessable.isGuessable(plain, context);
const guessable = (passwords: readonly string[]) => passwords.filter((password) => isGuessable(password));

test("fewer than four different characters are guessable", () => {
  expect(isGuessable("axkxakaxkakx")).toBe(true);
  expect(isGuessable("amkxakaxmakx")).toBe(false);
});

test("a string of up to seven characters is guessable when repeated", () => {
  const repeated = ["kxmvkxmvkxmv", "kxmqvbzkxmqvbz", "kxmqvbzkxmqvbzkxmqvbz"];
  expect(guessable(repeated)).toEqual(repeated);
  expect(guessable(["kxmqvbzjkxmqvbzj", "kxmqv", "kxmqvb"])).toEqual([]);
});

describe("a walk", () => {
  test("along one row of the keyboard is guessable", () => {
    const walks = ["90-=-09-=0", "weruioiuytre", "sdsasdfdsasdfd", "zxcvcxzxcvbnbv"];
    expect(guessable(walks)).toEqual(walks);
  });

  test("between neighbouring rows and columns is guessable, and jumps are not", () => {
    expect(isGuessable("1qazxsw23edc")).toBe(true);
    expect(guessable(["1z2x3c4v5b6n", "qpwoeirutyal", "日本語文字化村山"])).toEqual([]);
  });

  test("is still a walk when one step of four is not", () => {
    expect(guessable(["qwerz", "qwezr"])).toEqual(["qwerz"]);
  });
});

describe("dates", () => {
  const days = ["5", "05", "9", "10", "15", "20", "25", "29", "30", "31"];
  const months = ["1", "01", "9", "09", "10", "11", "12"];
  const two = (number: string) => number.padStart(2, "0");
  const every = (form: (day: string, month: string) => string) =>
    days.flatMap((day) => months.map((month) => form(day, month)));
  /** Three times, with three characters of its own: one more would not be guessable. */
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
  ])("are guessable: %s", (_form, dates) => {
    expect(dates.map(thrice).filter((password) => !isGuessable(password))).toEqual([]);
  });

  test("with names of months are guessable", () => {
    const names = ["agustus 17 qxm", "3 januari juli qx", "december 6 march q"];
    expect(guessable(names)).toEqual(names);
  });

  test("may have two digits around, and up to three other characters", () => {
    expect(guessable(["1987qxm12", "12qxm1987"])).toEqual(["1987qxm12", "12qxm1987"]);
    expect(guessable(["1987qxm123", "123qxm1987", "1987qxmz", "1987 qxmz 5k"])).toEqual([]);
  });

  test("that do not exist are not guessable", () => {
    const none = ["1987-13-45", "45.13.1887", "18871345", "45138719"].map((date) => `${date}_k${date}_qxm`);
    expect(guessable(none)).toEqual([]);
  });

  test("are not found in a text without digits", () => {
    expect(isGuessable("k!x?m#@&")).toBe(false);
  });
});

describe("common words", () => {
  test("are guessable with digits and signs around them, and not inside them", () => {
    const padded = ["12dragon34", "dragon!?34", "12!dragon", "12love34!", "!d-r-a-g-o-n!"];
    expect(guessable(padded)).toEqual(padded);
    expect(guessable(["dra9gon", "dra77gon9", "12qxm34!"])).toEqual([]);
  });

  test.each(["drag0n", "monk3y", "dr4gon", "pa5sword", "7iger", "p@ssword", "$unshine", "pr1ncess", "1iverpool"])(
    "are guessable with a sign in place of a letter: %s",
    (word) => {
      expect(isGuessable(word)).toBe(true);
    },
  );

  test("are guessable in pairs, from four characters on", () => {
    expect(guessable(["lovebear", "dragonlove", "lovedragon"])).toEqual(["lovebear", "dragonlove", "lovedragon"]);
    expect(Guessable.isCommon("sex")).toBe(true);
    expect(guessable(["12sex34!", "dragonsex", "sexdragonqx"])).toEqual([]);
  });
});

test("words of the context are guessable, also with up to three more letters or a common word", () => {
  const context = ["gotong", "royong"];
  expect(Guessable.isGuessable("gotong_royong_zz9", context)).toBe(true);
  expect(Guessable.isGuessable("royong_dragon_9", context)).toBe(true);
  expect(Guessable.isGuessable("gotongqxmz", context)).toBe(false);
  expect(Guessable.isGuessable("12qxm34!", context)).toBe(false);
});

test("a password is judged as it looks", () => {
  expect(Guessable.asItLooks("РаѕѕＷörd\u200b\u00ad12")).toBe("password12");
  expect(Guessable.asItLooks("авекмнорстухгіјѕһԁԛԝьпид")).toBe("abekmhopctyxrijshdqwbnud");
  expect(Guessable.asItLooks("βαεικνορτυχγησωıłøđ")).toBe("baeikvoptuxynowilod");
  expect(Guessable.asItLooks("日本 kucing 🌊")).toBe("日本 kucing 🌊");
});
