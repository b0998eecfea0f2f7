import { rulesOf, type Scene, SOURCE } from "../measure/scene.ts";
import type { StageFacts } from "../measure/stage-facts.ts";

export interface MeasuredPage {
  /** As the router names it. */
  readonly route: string;
  readonly path: Scene["path"];
  readonly user?: null;
}

const idOf =
  (find: (stage: StageFacts) => string | undefined, around: (id: string) => string) => (stage: StageFacts) =>
    around(find(stage) ?? "");

/** Every route that answers with a page. */
export const PAGES: readonly MeasuredPage[] = [
  { route: "/", path: "/" },
  { route: "/rules", path: rulesOf(SOURCE) },
  { route: "/rules?view=tasks", path: rulesOf(SOURCE, "&view=tasks") },
  {
    route: "/rules/new",
    path: idOf(
      ({ seeded }) => seeded.instances.lab,
      (id) => `/rules/new?instance=${id}`,
    ),
  },
  {
    route: "/rules/[id]",
    path: idOf(
      ({ seeded }) => seeded.rules["trade-to-singapore"]?.id,
      (id) => `/rules/${id}`,
    ),
  },
  {
    route: "/rules/[id]/edit",
    path: idOf(
      ({ seeded }) => seeded.rules["base-everywhere"]?.id,
      (id) => `/rules/${id}/edit`,
    ),
  },
  { route: "/tasks", path: "/tasks" },
  {
    route: "/tasks/[id]",
    path: idOf(
      ({ seeded }) => seeded.tasks.running,
      (id) => `/tasks/${id}`,
    ),
  },
  {
    // A hundred rows, each with its target.
    route: "/tasks/[id]?size=100",
    path: idOf(
      ({ seeded }) => seeded.tasks.retried,
      (id) => `/tasks/${id}?size=100`,
    ),
  },
  {
    route: "/transfers/[id]",
    path: idOf(
      ({ seeded }) => seeded.transfers["running:failed"],
      (id) => `/transfers/${id}`,
    ),
  },
  { route: "/instances", path: "/instances" },
  { route: "/instances/new", path: "/instances/new" },
  {
    route: "/instances/[id]",
    path: idOf(
      ({ seeded }) => seeded.instances.shanghai,
      (id) => `/instances/${id}`,
    ),
  },
  {
    route: "/instances/[id]/edit",
    path: idOf(
      ({ seeded }) => seeded.instances.hangzhou,
      (id) => `/instances/${id}/edit`,
    ),
  },
  { route: "/topology", path: "/topology" },
  { route: "/users", path: "/users" },
  { route: "/users?view=grants", path: "/users?view=grants" },
  { route: "/notifications", path: "/notifications" },
  { route: "/notifications?view=deliveries", path: "/notifications?view=deliveries" },
  { route: "/audit", path: "/audit" },
  { route: "/settings", path: "/settings" },
  { route: "/account", path: "/account" },
  { route: "/login", path: "/login", user: null },
];

export const pathOf = ({ path }: Pick<MeasuredPage, "path">, stage: StageFacts): string =>
  typeof path === "string" ? path : path(stage);
