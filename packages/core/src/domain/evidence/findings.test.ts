import { expect, test } from "vitest";
import {
  accuracyFindings,
  distanceMeters,
  likenessFindings,
  placeFindings,
  speedFindings,
  spreadFindings,
  timeFindings,
} from "./findings.ts";

test("evidence beyond a documented limit causes a finding: accuracy 20 m, distance 1 km, picture time 60 s, time span 7 days", () => {
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

test("a finding names a single contradicting piece of evidence and its submitter: the most distant in place or time", () => {
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

test("a picture's time without a UTC offset is compared with its GPS time or the time zones of its place; an unconfirmed offset is a finding", () => {
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
  expect([codes("2026-05-01T23:00:00", apia), codes("2026-04-30T23:00:00", apia)]).toEqual([[], []]); // places on both sides of the date line
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
  // Satellite time may come from an old reading, or be wrong by years. It is ignored unless it confirms a UTC offset.
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

test("a speed above 1,000 km/h between two GPS readings of a member is a finding, after subtracting the accuracy of both", () => {
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

test("computed great-circle distances are accurate to 0.1 %", () => {
  expect(distanceMeters({ lat: -6.2, lon: 106.8166 }, { lat: -6.9147, lon: 107.6098 })).toBeCloseTo(118_300, -3);
  expect(distanceMeters({ lat: 0, lon: 179.9 }, { lat: 0, lon: -179.9 })).toBeCloseTo(22_239, -2);
});
