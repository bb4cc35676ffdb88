import { invalidField } from "../../platform/error.ts";

interface Input {
  readonly starts_at?: string | null | undefined;
  readonly ends_at?: string | null | undefined;
  readonly claim_hours?: number | null | undefined;
}
interface Times {
  readonly startsAt: Date | null;
  readonly endsAt: Date | null;
  readonly claimHours: number | null;
}

/**
 * The columns of a task's times: the values of the input, and the previous values of all times that the input omits.
 * @throws AppError VALIDATION_FAILED when the task would end before it begins
 */
export function timesOf(input: Input, before: Times = { startsAt: null, endsAt: null, claimHours: null }): Times {
  const given = (value: string | null | undefined, old: Date | null) => {
    if (value === undefined) return old;
    return value === null ? null : new Date(value);
  };
  const [startsAt, endsAt] = [given(input.starts_at, before.startsAt), given(input.ends_at, before.endsAt)];
  if (startsAt && endsAt && endsAt <= startsAt) throw invalidField("ends_at", "too_small", "must be after starts_at");
  return { startsAt, endsAt, claimHours: input.claim_hours === undefined ? before.claimHours : input.claim_hours };
}
