/**
 * Small pictures, so that nothing is said by colour alone.
 *
 * @module
 */

/** Outlines on a 16 × 16 grid. */
const PATHS = {
  ok: "M3.5 8.5l3 3 6-7",
  busy: "M8 4v4.5l2.8 1.8M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0z",
  ask: "M2.5 2.5h4v4h-4zM9.5 2.5h4v4h-4zM2.5 9.5h4v4h-4zM9.5 9.5h1.5v1.5M13.5 9.5v4H10",
  bad: "M4 4l8 8M12 4l-8 8",
  quiet: "M4 8h8",
  sending: "M8 4.5V8l2.2 1.6M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0z",
  held: "M5.5 3.5v9M10.5 3.5v9",
  sent: "M3 8.5l3 3 6.5-7",
  delivered: "M1 8.5l3 3 6-7M7 10.4l1.1 1.1 6.4-7",
  read: "M1 8.5l3 3 6-7M7 10.4l1.1 1.1 6.4-7",
  failed: "M8 4.5v4.2M8 11.2v.3M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0z",
};

function isGlyph(name: string): name is keyof typeof PATHS {
  return Object.hasOwn(PATHS, name);
}

/** A picture; it takes the colour of the text around it. Says nothing to a screen reader. */
export function Glyph({ name }: { name: string }) {
  return (
    <svg
      viewBox="0 0 16 16"
      aria-hidden="true"
      fill="none"
      stroke="currentColor"
      stroke-width="1.8"
      stroke-linecap="round"
      stroke-linejoin="round"
    >
      <path d={PATHS[isGlyph(name) ? name : "quiet"]} />
    </svg>
  );
}
