import type { Grant } from "../schemas/instance.ts";

/**
 * The one table of who may do what.
 *
 * `grant` and `end`: which grant is asked for, and at which end of the rule. `source`, `either` (view at the source or at
 * any target), `instance` (the instance itself). `root`: only root. `self`: any signed-in user, on what is their own.
 * `system`: a principal that only lib/auth makes (sign-in, set-up, senders of events).
 */
export type Requirement =
  | { kind: "grant"; grant: Grant; end: "source" | "either" | "instance" }
  | { kind: "root" }
  | { kind: "self" }
  | { kind: "system" };

const grant = (name: Grant, end: "source" | "either" | "instance") =>
  ({ kind: "grant", grant: name, end }) as const;
const root = { kind: "root" } as const;
const self = { kind: "self" } as const;
const system = { kind: "system" } as const;

export const PERMISSIONS = {
  /** Names and health of instances the user holds anything on; the drop-downs. */
  "instance:list": self,
  "instance:view": grant("view", "instance"),
  "instance:check": grant("operate", "instance"),
  "instance:namespaces": grant("manage", "instance"),
  "instance:edit": grant("manage", "instance"),
  "instance:test": grant("manage", "instance"),
  "instance:create": root,
  "instance:delete": root,

  "rule:view": grant("view", "either"),
  "rule:switch": grant("operate", "source"),
  "rule:trigger": grant("operate", "source"),
  /** And receive on every target. */
  "rule:create": grant("manage", "source"),
  /** What a rule as drafted would do: whoever may create it. And receive on every target. */
  "rule:preview": grant("manage", "source"),
  /** And receive on every target that is new or changed. */
  "rule:edit": grant("manage", "source"),
  "rule:delete": grant("manage", "source"),

  /** Keeping a tag that is to be deleted, or putting it back: it stops the rule, or writes what the rule would write. */
  "deletion:undo": grant("operate", "source"),
  /** Letting go what was held for a person to look at: it destroys, as configuring the rule can. */
  "deletion:confirm": grant("manage", "source"),

  /** Instances and the rules between them, and what needs attention, of what one may see. */
  "topology:view": self,
  "overview:view": self,

  "task:view": grant("view", "either"),
  "task:stop": grant("operate", "source"),
  "task:retry": grant("operate", "source"),

  "user:list": root,
  "user:create": root,
  "user:disable": root,
  "user:reset-password": root,
  "user:delete": root,
  "grants:save": root,
  "audit:view": root,
  /** How the installation is set up: workers, limits, versions. */
  "settings:view": root,

  /** Where notices of tasks go, and what became of each. */
  "notice:view": root,
  "notice:create": root,
  "notice:edit": root,
  "notice:rotate": root,
  "notice:delete": root,
  "notice:test": root,
  "notice:resend": root,

  "account:view": self,
  "account:change-password": self,
  /** One's own sessions in other browsers. */
  "account:end-sessions": self,
  /** Language, shortcuts. */
  "account:preferences": self,

  "session:sign-in": system,
  "session:sign-out": self,
  /** Of this browser, before signing in. */
  "session:language": system,
  "setup:claim": system,
  /** Of the registry itself, by its token (lib/auth/event-sender.ts). */
  "event:receive": system,
} as const satisfies Record<string, Requirement>;

export type Permission = keyof typeof PERMISSIONS;
