import type { Stage } from "../scripts/measure/stage.ts";
import {
  type Control,
  column,
  disclosure,
  firstRow,
  instanceSwitch,
  line,
  link,
  nextPage,
  place,
  press,
  previousPage,
  search,
  select,
} from "./url-state.ts";

export interface ListPage {
  readonly path: (stage: Stage) => string;
  readonly controls: readonly Control[];
  /** Set first: what is listed is there only then. */
  readonly begin?: Control;
  /** The same page in another state: what is listed there is offered here too. */
  readonly like?: string;
}

const rules = (stage: Stage, query = "") => `/rules?instance=${stage.seeded.instances.shanghai}${query}`;
const TASKS = [
  link("trigger", "schedule"),
  link("since", "24h"),
  select("status", "tasks.filter.status"),
  search("51"),
  link("size", "20"),
];
const RULES = [
  link("state", "failed"),
  select("target", "rules.column.target"),
  select("type", "rules.column.type"),
  search("base"),
  link("size", "50"),
  link("sort", "-name"),
  link("sort", "-lastTask"),
  column("rules.column.created"),
  column("rules.column.trigger"),
];

/** Every page of the console that shows or lists something, with its controls. Forms hold what is being written, not what is shown. */
export const PAGES: Record<string, ListPage> = {
  rules: {
    path: (stage) => rules(stage),
    controls: [...RULES, link("view", "tasks"), link("view", "incoming"), instanceSwitch],
  },
  "rules with the time of creation": {
    like: "rules",
    path: (stage) => rules(stage, "&columns=created"),
    controls: [link("sort", "-created")],
  },
  "rules into an instance": {
    like: "rules",
    path: (stage) => rules(stage, "&view=incoming"),
    controls: [
      select("type", "rules.column.type"),
      search("hang"),
      link("sort", "-name"),
      link("size", "50"),
    ],
  },
  "tasks of an instance": {
    path: (stage) => rules(stage, "&view=tasks"),
    controls: [...TASKS, nextPage, link("view", "incoming")],
  },
  tasks: {
    path: () => "/tasks",
    controls: [...TASKS, select("instance", "tasks.filter.instance"), nextPage],
  },
  "tasks of a rule": {
    path: (stage) => `/rules/${stage.seeded.rules["trade-to-singapore"]?.id}`,
    controls: [...TASKS, nextPage, press("data", "button", /^查看数据$/)],
  },
  "transfers of a task": {
    path: (stage) => `/tasks/${stage.seeded.tasks.retried}`,
    controls: [
      link("status", "failed"),
      search("a"),
      link("size", "20"),
      link("data", "1"),
      nextPage,
      firstRow("transfer"),
    ],
  },
  "tasks, the second page": {
    like: "tasks",
    path: () => "/tasks?size=20",
    begin: nextPage,
    controls: [previousPage],
  },
  "deletions of a rule": {
    path: (stage) => `/rules/${stage.seeded.rules["base-everywhere"]?.id}/deletions`,
    controls: [link("state", "held"), link("size", "20")],
  },
  instances: {
    path: () => "/instances",
    controls: [search("sh"), link("size", "50"), link("sort", "-name")],
  },
  "an instance": {
    path: (stage) => `/instances/${stage.seeded.instances.shanghai}`,
    controls: [disclosure("data", "instances.history.data")],
  },
  users: { path: () => "/users", controls: [link("view", "grants"), search("chen"), link("size", "50")] },
  "grants of users": {
    like: "users",
    path: () => "/users?view=grants",
    controls: [
      search("chen"),
      link("size", "50"),
      link("columns", "2"),
      select("instance", "users.matrix.instance"),
    ],
  },
  notifications: {
    path: () => "/notifications?view=deliveries",
    controls: [
      link("state", "failed"),
      select("address", "notices.deliveries.address"),
      link("size", "50"),
      link("view", "verify"),
      disclosure("open", "notices.deliveries.answerShort"),
    ],
  },
  "addresses of notifications": { path: () => "/notifications", controls: [link("view", "deliveries")] },
  audit: {
    path: () => "/audit",
    controls: [
      link("outcome", "denied"),
      select("actor", "audit.filter.actor"),
      select("action", "audit.filter.action"),
      select("since", "audit.filter.since"),
      search("rule"),
      link("size", "20"),
      nextPage,
      disclosure("open", "audit.details"),
    ],
  },
  topology: {
    path: () => "/topology",
    controls: [
      press("view", "radio", /^仅表$/),
      press("state", "button", /^失败/),
      press("row", "button", /在图上标出/),
      place,
      line,
      link("size", "50"),
      nextPage,
    ],
  },
  settings: { path: () => "/settings", controls: [link("view", "system")] },
  // Pages without a control: one that comes has to be listed.
  overview: { path: () => "/", controls: [] },
  transfer: { path: ({ seeded }) => `/transfers/${seeded.transfers["running:failed"]}`, controls: [] },
  account: { like: "settings", path: () => "/account", controls: [] },
};
