/**
 * The URL of the client's page that receives a token. The token is in the fragment, which browsers send neither to servers
 * nor in the referrer.
 * @param page the setting of the page; undefined if the community has none
 * @returns undefined without a page
 */
export function tokenUrl(page: string | undefined, token: string): string | undefined {
  return page === undefined ? undefined : `${page}#token=${token}`;
}

/** The lines of a mail that contain a token: the sentence and the URL of the page, or without a page the token itself. */
export function tokenLines(sentence: string, page: string | undefined, token: string): string {
  const url = tokenUrl(page, token);
  return url === undefined ? `Token: ${token}` : `${sentence}\n${url}`;
}

export * as MailToken from "./token.ts";
