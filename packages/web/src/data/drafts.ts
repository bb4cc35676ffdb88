import { DRAFTS, account } from "./session.ts";
import { tab } from "./storage.ts";

type Draft = Readonly<Record<string, string>>;

/** Number of forms whose text is kept; the oldest is dropped first. */
const MOST = 10;

const isDraft = (value: unknown): value is Draft =>
  typeof value === "object" && value !== null && Object.values(value).every((text) => typeof text === "string");

function all(): readonly (readonly [key: string, draft: Draft])[] {
  try {
    const value: unknown = JSON.parse(tab.get(DRAFTS) ?? "{}");
    return Object.entries(Object(value)).flatMap(([key, draft]) => (isDraft(draft) ? [[key, draft] as const] : []));
  } catch {
    return [];
  }
}

const write = (drafts: ReturnType<typeof all>) => void tab.set(DRAFTS, JSON.stringify(Object.fromEntries(drafts)));

/**
 * What a member has written in the forms of this tab and not sent, by the names of the fields: a session that ends, a reload, and a
 * phone that closes the tab while its camera is open do not lose it.
 */
export const Drafts = {
  /** The key of a form on the current page, for the signed-in member alone. */
  keyOf: (form: string): string => `${account.value?.id ?? ""} ${location.pathname} ${form}`,
  read: (key: string): Draft | undefined => all().find(([one]) => one === key)?.[1],
  write: (key: string, draft: Draft): void =>
    write([...all().filter(([one]) => one !== key), [key, draft] as const].slice(-MOST)),
  drop: (key: string): void => {
    const drafts = all();
    if (drafts.some(([one]) => one === key)) write(drafts.filter(([one]) => one !== key));
  },
};
