/**
 * Number up to which unread notifications are counted: beyond it, an app shows "99+". The limit lets the count read a single page
 * of an index.
 */
export const UNREAD_MAX = 100;
