/** One GPS reading of the device. */
export interface Reading {
  readonly location: { readonly lat: number; readonly lon: number };
  readonly accuracy_meters: number;
  readonly altitude_meters?: number;
  readonly speed_mps?: number;
}

/** Thrown when the device has no position: not allowed, or no satellites. */
export class NoPlace extends Error {}

const WAIT_MS = 30_000;

/**
 * Requests the device's position with high accuracy.
 * @throws NoPlace
 */
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

/** Rounds to six decimals, which are 11 cm; further digits are noise. */
const round = (degrees: number) => Math.round(degrees * 1e6) / 1e6;
