/** Unread notifications are counted up to this number: an app shows "99+" beyond it, and the count stays one page of an index. */
export const UNREAD_MAX = 100;
