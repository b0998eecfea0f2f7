import { LEAST_ZOOM } from "./channels.ts";
import type { Drawing } from "./geometry.ts";

/** px: a frame of a phone is taller by the row of zoom buttons, which stands free below the drawing. */
const [PHONE_WIDTH, BUTTONS_HEIGHT] = [768, 60];

/** How a drawing is seen in its frame. */
export interface View {
  /** Where its upper left stands in the frame, px. */
  x: number;
  y: number;
  zoom: number;
  /** How many times larger its words are set, for that. */
  larger: number;
}

/**
 * The whole drawing, or its upper left at `least`, with the names of the regions. Words are set larger by what the drawing is smaller, as
 * far as there is room for them: down to `LEAST_ZOOM` nothing is under 12 px (DESIGN §2).
 */
export function viewOf(
  { width, height }: Pick<Drawing, "width" | "height">,
  frame: { width: number; height: number },
  least: number,
): View {
  const tall = frame.height - (frame.width < PHONE_WIDTH ? BUTTONS_HEIGHT : 0);
  const zoom = Math.max(least, Math.min(1, frame.width / width, tall / height));
  const start = (room: number, size: number) => Math.max(0, (room - size * zoom) / 2);
  return {
    x: start(frame.width, width),
    y: start(tall, height),
    zoom,
    larger: 1 / Math.max(LEAST_ZOOM, zoom),
  };
}
