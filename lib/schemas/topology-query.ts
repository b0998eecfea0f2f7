import { z } from "zod";
import { EDGE_STATES } from "./topology.ts";

const place = z
  .union([z.uuid(), z.string().regex(/^region:.{0,64}$/)])
  .optional()
  .catch(undefined);

/** URL state of /topology. Anything unknown falls back to its default. */
export const TopologyQuery = z.object({
  view: z.enum(["both", "table"]).catch("both"),
  /** A place that is selected: its rules in both directions. */
  at: place,
  /** An edge that is selected. */
  from: place,
  to: place,
  /** The region that is opened where places are regions. */
  region: z.string().max(64).optional().catch(undefined),
  state: z.enum(EDGE_STATES).optional().catch(undefined),
  /** The line that is marked, with its edge. */
  row: z.uuid().optional().catch(undefined),
  after: z.string().max(512).optional().catch(undefined),
  before: z.string().max(512).optional().catch(undefined),
  size: z.coerce
    .number()
    .pipe(z.union([z.literal(20), z.literal(50), z.literal(100)]))
    // Below a drawing, which has elements of its own.
    .catch(20),
});
export type TopologyQuery = z.infer<typeof TopologyQuery>;
