/** Icons as lines of 24 × 24, drawn for this app. */
const PATHS = {
  tasks: "M9 6h11M9 12h11M9 18h11M4 6h.01M4 12h.01M4 18h.01",
  add: "M12 5v14M5 12h14",
  work: "M4 8h16v11H4zM9 8V5h6v3M4 13h16",
  verify: "M9 12l2.5 2.5L16 9M12 3l8 3v6c0 5-3.5 8-8 9-4.5-1-8-4-8-9V6z",
  member: "M12 12a4 4 0 100-8 4 4 0 000 8zM4 21c0-4 3.5-7 8-7s8 3 8 7",
  admin: "M4 20V10M10 20V4M16 20v-7M20 20H3",
  back: "M15 5l-7 7 7 7",
  camera: "M4 8h3l2-3h6l2 3h3v11H4zM12 16.5a3.5 3.5 0 100-7 3.5 3.5 0 000 7z",
  place: "M12 21c4-5 7-8 7-11.5A7 7 0 005 9.5C5 13 8 16 12 21zM12 12a2.5 2.5 0 100-5 2.5 2.5 0 000 5z",
  people:
    "M9 11a3.5 3.5 0 100-7 3.5 3.5 0 000 7zM2 20c0-4 3-6 7-6s7 2 7 6M16 4.5a3.5 3.5 0 010 6.5M18 14.5c2.5.5 4 2.5 4 5.5",
  bell: "M6 16V11a6 6 0 0112 0v5l2 2H4zM10 21h4",
  time: "M12 21a9 9 0 100-18 9 9 0 000 18zM12 7v5l3 3",
  offline:
    "M3 3l18 18M8.5 16.5a5 5 0 017 0M5 12.5a10 10 0 015-2.700M2 8.5a15 15 0 014-2.600M12 20h.01M16 10.800a10 10 0 013 1.700M11 5a15 15 0 0111 3.5",
} as const;

export type IconName = keyof typeof PATHS;

export const Icon = ({ name }: { name: IconName }) => (
  <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    <path d={PATHS[name]} />
  </svg>
);
