import fc from "fast-check";
import { expect, test } from "vitest";
import { Contribution } from "./contribution/index.ts";
import { isOutOfRetries, pauseSeconds, retryAfter, verdictOn, waitSeconds } from "../webhook/schedule.ts";
import {
  accuracyFindings,
  distanceMeters,
  likenessFindings,
  placeFindings,
  speedFindings,
  spreadFindings,
  timeFindings,
} from "./evidence/findings.ts";
import { Id } from "../platform/id.ts";
import { growing } from "./session/lockout-rules.ts";
import { decide } from "./verification/index.ts";

const piece = (
  type: "photo_with_timestamp" | "gps_verification" | "witness_attestation",
  accuracyMeters: number | null = null,
  witnessCount = 0,
) => ({ type, accuracyMeters, witnessCount });

test("the Contribution.quality score follows the table of platform.md §2", () => {
  expect(Contribution.quality([])).toEqual({ quality_score: 0.5, reputation_multiplier: 1 });
  expect(Contribution.quality([piece("photo_with_timestamp")])).toEqual({
    quality_score: 0.7,
    reputation_multiplier: 1,
  });
  expect(Contribution.quality([piece("gps_verification", 10)])).toEqual({
    quality_score: 0.65,
    reputation_multiplier: 1,
  });
  expect(Contribution.quality([piece("gps_verification", 9.9)])).toEqual({
    quality_score: 0.7,
    reputation_multiplier: 1,
  });
  expect(Contribution.quality([piece("witness_attestation", null, 2)])).toEqual({
    quality_score: 0.65,
    reputation_multiplier: 1,
  });
  expect(Contribution.quality([piece("witness_attestation", null, 3)])).toEqual({
    quality_score: 0.7,
    reputation_multiplier: 1,
  });
  expect(
    Contribution.quality([piece("photo_with_timestamp"), piece("photo_with_timestamp"), piece("gps_verification")]),
  ).toEqual({
    quality_score: 0.85,
    reputation_multiplier: 1.2,
  });
  expect(
    Contribution.quality([
      piece("photo_with_timestamp"),
      piece("gps_verification", 1),
      piece("witness_attestation", null, 9),
    ]),
  ).toEqual({ quality_score: 1, reputation_multiplier: 1.5 });
});

test("votes decide by majority once the quorum is reached; a tie stays pending", () => {
  expect(decide({ approved: 2, rejected: 0 }, 3)).toBe("pending");
  expect(decide({ approved: 3, rejected: 0 }, 3)).toBe("verified");
  expect(decide({ approved: 1, rejected: 2 }, 3)).toBe("rejected");
  expect(decide({ approved: 2, rejected: 2 }, 4)).toBe("pending");
});

test("verdicts on Markov's statuses follow the table of platform.md §4", () => {
  const verdicts = (statuses: (number | null)[]) => statuses.map(verdictOn);
  expect(verdicts([200, 202, 204])).toEqual(["delivered", "delivered", "delivered"]);
  expect(verdicts([400, 413, 422])).toEqual(["refused", "refused", "refused"]);
  expect(verdicts([401, 403, 404])).toEqual(["our_fault", "our_fault", "our_fault"]);
  expect(verdicts([429, null, 500, 503, 301, 408, 409, 410])).toEqual([
    "slow_down",
    "retry",
    "retry",
    "retry",
    "retry",
    "retry",
    "retry",
    "retry",
  ]);
});

test("the backoff is 1, 2, 4, 8 s, then doubles with 20 % jitter, between a second and an hour", () => {
  expect([1, 2, 3, 4].map((attempts) => waitSeconds("retry", attempts, 0.9))).toEqual([1, 2, 4, 8]);
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1000 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (attempts, random) => {
        const wait = waitSeconds("retry", attempts, random);
        const base = Math.min(3600, 2 ** Math.min(attempts - 1, 12));
        expect(wait).toBeGreaterThanOrEqual(Math.max(1, Math.floor(base * 0.8)));
        expect(wait).toBeLessThanOrEqual(Math.min(3600, Math.ceil(base * 1.2)));
      },
    ),
  );
  expect(waitSeconds("our_fault", 1, 0.5)).toBe(60);
  expect([0, 7, 90_000].map((asked) => waitSeconds("slow_down", 1, 0.5, asked))).toEqual([1, 7, 3600]);
});

test("Retry-After is parsed as seconds or a date, and ignored when invalid", () => {
  const now = new Date("2026-05-01T00:00:00Z");
  expect(retryAfter("120", now)).toBe(120);
  expect(retryAfter("Fri, 01 May 2026 00:01:00 GMT", now)).toBe(60);
  expect(retryAfter("Thu, 30 Apr 2026 00:01:00 GMT", now)).toBe(0);
  expect(retryAfter("soon", now)).toBeUndefined();
  expect(retryAfter(null, now)).toBeUndefined();
});

test("after a 429 all senders pause for Retry-After, or 5 s, not for the backoff of one event", () => {
  expect([undefined, 0, 7, 90_000].map(pauseSeconds)).toEqual([5, 1, 7, 3600]);
});

test("an event becomes dead after 72 hours, but not before its 12th attempt", () => {
  const created = new Date(0);
  expect(isOutOfRetries(created, 90, new Date(72 * 3_600_000))).toBe(false);
  expect(isOutOfRetries(created, 90, new Date(72 * 3_600_000 + 1))).toBe(true);
  expect([11, 12].map((attempts) => isOutOfRetries(created, attempts, new Date(73 * 3_600_000)))).toEqual([
    false,
    true,
  ]);
});

test("findings start at the documented limits: 20 m, 1 km, 60 s, 7 days", () => {
  expect([undefined, 20, 20.1].map((meters) => accuracyFindings(meters).length)).toEqual([0, 0, 1]);
  const here = { lat: -6.9147, lon: 107.6098 };
  const north = (meters: number) => ({ lat: here.lat + meters / 111_195, lon: here.lon });
  expect([990, 1010].map((meters) => placeFindings(north(meters), [here]).length)).toEqual([0, 1]);
  expect(placeFindings(undefined, [here])).toEqual([]);
  const claimed = new Date("2026-05-01T10:00:00Z");
  const taken = (local: string, offset?: string) =>
    timeFindings(claimed, { taken: { local, offset } }, [here]).map((finding) => finding.code);
  expect([taken("2026-05-01T17:01:00", "+07:00"), taken("2026-05-01T17:01:01", "+07:00")]).toEqual([[], ["exif_time"]]);
  expect([taken("2026-05-01T17:00:30"), taken("2026-05-01T17:05:00"), taken("2026-04-01T17:00:00")]).toEqual([
    [],
    ["exif_time"],
    ["exif_time"],
  ]);
  const day = 86_400_000;
  const apart = (days: number) => spreadFindings(claimed, [{ at: new Date(claimed.getTime() - days * day) }]);
  expect([7, 7.1].map((days) => apart(days).length)).toEqual([0, 1]);
});

test("a finding names the other piece and its submitter, choosing the farthest, fastest or oldest", () => {
  const source = (evidenceId: string) => ({ source: { evidenceId, submittedBy: `member of ${evidenceId}` } });
  const near = { lat: 1, lon: 107, ...source("near") };
  const far = { lat: 3, lon: 107, ...source("far") };
  const named = (findings: readonly { evidence_id: string | null; submitted_by: string | null }[]) =>
    findings.map(({ evidence_id, submitted_by }) => [evidence_id, submitted_by]);
  const here = { lat: 0, lon: 107 };
  expect(named(placeFindings(here, [near, far, near]))).toEqual([["far", "member of far"]]);
  const at = new Date("2026-05-01T10:00:00Z");
  const ago = (days: number, name: string) => ({ at: new Date(at.getTime() - days * 86_400_000), ...source(name) });
  expect(named(spreadFindings(at, [ago(8, "8"), ago(20, "20"), ago(1, "1")]))).toEqual([["20", "member of 20"]]);
  const reading = (place: typeof near) => ({ at, place, accuracyMeters: 0, source: place.source });
  const speeds = speedFindings({ at, place: here, accuracyMeters: 0 }, [reading(near), reading(far)]);
  expect(named(speeds)).toEqual([["far", "member of far"]]);
  expect(named(likenessFindings({ evidenceId: "other", submittedBy: "m" }))).toEqual([["other", "m"]]);
  expect(named(accuracyFindings(30))).toEqual([[null, null]]);
});

test("a picture's time without an offset is compared using satellite time or the zones of its place; an unconfirmed offset is a finding", () => {
  const claimed = new Date("2026-05-01T10:00:00Z");
  const [jakarta, apia, kathmandu] = [106.8, -171.8, 85.3].map((lon) => [{ lat: 0, lon }]);
  const codes = (local: string, places: { lat: number; lon: number }[] = [], more: { gpsTime?: string } = {}) =>
    timeFindings(claimed, { taken: { local, offset: undefined }, ...more }, places).map((finding) => finding.code);
  expect([codes("2026-05-01T17:00:00", jakarta), codes("2026-05-01T15:45:10", kathmandu)]).toEqual([[], []]);
  expect([codes("2026-05-01T19:45:00", jakarta), codes("2026-05-01T20:15:00", jakarta)]).toEqual([[], ["exif_time"]]);
  expect([codes("2026-05-01T10:00:00", jakarta), codes("2026-05-02T00:00:00", jakarta)]).toEqual([
    ["exif_time"],
    ["exif_time"],
  ]);
  expect([codes("2026-05-01T23:00:00", apia), codes("2026-04-30T23:00:00", apia)]).toEqual([[], []]); // both sides of the date line
  expect([codes("2026-05-01T10:00:59"), codes("2026-05-01T10:07:00")]).toEqual([[], ["exif_time"]]);
  expect(timeFindings(claimed, { taken: { local: "2026-05-01T17:00:30", offset: undefined } }, [])).toEqual([
    {
      code: "exif_zone",
      detail: "The picture's time has no time zone; it matches the claim at UTC+07:00.",
      evidence_id: null,
      submitted_by: null,
    },
  ]);
  expect(
    timeFindings(claimed, { taken: { local: "2026-05-01T06:30:00", offset: undefined } }, [])[0]?.detail,
  ).toContain("UTC-03:30.");
  const inCommunity = (local: string) =>
    timeFindings(claimed, { taken: { local, offset: undefined } }, [], [7, 8, 9]).map((finding) => finding.code);
  expect(["17:00:30", "18:00:59", "19:00:00", "10:00:30"].map((time) => inCommunity(`2026-05-01T${time}`))).toEqual([
    [],
    [],
    [],
    [],
  ]);
  expect([inCommunity("2026-05-01T20:00:00"), inCommunity("2026-05-01T17:02:00")]).toEqual([
    ["exif_zone"],
    ["exif_time"],
  ]);
  expect(codes("2026-05-02T10:00:00")).toEqual(["exif_time"]);
  const night = "2026-05-01T17:00:00";
  expect(codes(night, [], { gpsTime: "2026-05-01T10:00:40Z" })).toEqual([]);
  // Satellite time may be that of an old reading, or wrong by years: it confirms an offset or is ignored.
  expect(codes(night, [], { gpsTime: "2026-05-01T09:40:00Z" })).toEqual([]);
  expect(codes("2026-05-01T19:00:00", [], { gpsTime: "2026-05-01T11:58:00Z" })).toEqual(["exif_time"]);
  expect(codes(night, jakarta, { gpsTime: "2006-09-15T09:58:00Z" })).toEqual([]);
  expect(timeFindings(claimed, { gpsTime: "2026-05-01T09:58:00Z" }, [])).toHaveLength(1);
  expect(timeFindings(claimed, { taken: { local: "2026-04-01T17:00:00", offset: "+99:00" } }, [])).toHaveLength(1);
  expect(codes("2026-04-01T17:00:00", [], { gpsTime: "2026-99-01T10:00:00Z" })).toEqual(["exif_time"]);
  expect([timeFindings(claimed, {}, []), codes("2026-99-01T17:00:00"), codes("2026-99-01T17:00:00", jakarta)]).toEqual([
    [],
    [],
    [],
  ]);
});

test("a speed above 1,000 km/h to the previous or next reading is a finding, after subtracting the accuracy of both", () => {
  const at = (seconds: number, meters: number, accuracyMeters = 0) => ({
    at: new Date(1_800_000_000_000 + seconds * 1000),
    place: { lat: meters / 111_195, lon: 107 },
    accuracyMeters,
  });
  const codes = (...others: ReturnType<typeof at>[]) => speedFindings(at(0, 0), others).map((finding) => finding.code);
  expect(codes()).toEqual([]);
  expect([codes(at(3600, 990_000)), codes(at(3600, 1_010_000))]).toEqual([[], ["impossible_speed"]]);
  expect([codes(at(-3600, 1_010_000)), codes(at(-36_000, 1_010_000))]).toEqual([["impossible_speed"], []]);
  expect([codes(at(0, 270)), codes(at(0, 290)), codes(at(0, 290, 50))]).toEqual([[], ["impossible_speed"], []]);
  expect(codes(at(60, 10), at(60, 50_000))).toEqual(["impossible_speed"]);
});

test("lock times start at the limit with a minute, double, and never exceed 15 minutes", () => {
  expect([1, 4, 5, 6, 7, 8, 9, 10, 1000].map((failures) => growing(failures, 5, 60))).toEqual([
    0, 0, 60, 120, 240, 480, 900, 900, 900,
  ]);
});

test("great-circle distances are accurate to 0.1 %", () => {
  expect(distanceMeters({ lat: -6.2, lon: 106.8166 }, { lat: -6.9147, lon: 107.6098 })).toBeCloseTo(118_300, -3);
  expect(distanceMeters({ lat: 0, lon: 179.9 }, { lat: 0, lon: -179.9 })).toBeCloseTo(22_239, -2);
});

test("a million event ids created in a burst are unique and well-formed", () => {
  const ids = new Set<string>();
  for (let made = 0; made < 1_000_000; made += 1) ids.add(Id.event());
  expect(ids.size).toBe(1_000_000);
  expect(ids.values().next().value).toMatch(/^evt_[0-9a-f]{16}$/);
});
