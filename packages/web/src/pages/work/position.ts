/** One reading of the device's place. */
export interface Reading {
  readonly location: { readonly lat: number; readonly lon: number };
  readonly accuracy_meters: number;
  readonly altitude_meters?: number;
  readonly speed_mps?: number;
}

/** The device did not say where it is: not allowed, or no satellites. */
export class NoPlace extends Error {}

const WAIT_MS = 30_000;

/** Asks the device where it is, as exactly as it can. @throws NoPlace */
export function position(): Promise<Reading> {
  return new Promise((resolve, reject) => {
    if (!("geolocation" in navigator)) return reject(new NoPlace("none"));
    navigator.geolocation.getCurrentPosition(
      ({ coords }) =>
        resolve({
          location: { lat: round(coords.latitude), lon: round(coords.longitude) },
          accuracy_meters: Math.max(coords.accuracy, 0),
          ...(coords.altitude === null ? {} : { altitude_meters: coords.altitude }),
          ...(coords.speed === null || Number.isNaN(coords.speed) ? {} : { speed_mps: coords.speed }),
        }),
      (cause) => reject(new NoPlace(cause.message)),
      { enableHighAccuracy: true, timeout: WAIT_MS, maximumAge: 10_000 },
    );
  });
}

/** Six decimals are 11 cm; more is noise. */
const round = (degrees: number) => Math.round(degrees * 1e6) / 1e6;
