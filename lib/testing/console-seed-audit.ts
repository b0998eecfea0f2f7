import { audit } from "../db/schema/audit.ts";
import { HOUR, inBatches, MINUTE, type Seed } from "./console-seed-base.ts";

type AuditRow = typeof audit.$inferInsert;

interface Event extends Pick<AuditRow, "action" | "outcome" | "subjectKind" | "subjectName" | "changes"> {
  actor?: string;
}

/** Every outcome, every kind of subject, small and large changes, and names that want to break the page. */
const EVENTS: readonly Event[] = [
  {
    action: "rule:edit",
    outcome: "ok",
    subjectKind: "rule",
    subjectName: "trade-to-singapore",
    changes: {
      tagPattern: { before: "v.*", after: "v\\d+\\.\\d+\\.\\d+" },
      override: { before: true, after: false },
    },
  },
  {
    action: "rule:trigger",
    outcome: "ok",
    subjectKind: "rule",
    subjectName: "trade-to-singapore",
    changes: null,
  },
  {
    action: "rule:edit",
    outcome: "denied",
    actor: "viewer",
    subjectKind: "rule",
    subjectName: "payments-prod",
    changes: { reason: { after: "missing-manage" } },
  },
  {
    action: "rule:create",
    outcome: "invalid",
    actor: "chenli",
    subjectKind: "rule",
    subjectName: "-bad name-",
    changes: { reason: { after: "rule-name-invalid" } },
  },
  {
    action: "grants:save",
    outcome: "ok",
    subjectKind: "user",
    subjectName: "chenli",
    changes: { "chenli × 上海": { before: "view", after: "manage, receive" } },
  },
  {
    action: "instance:edit",
    outcome: "ok",
    subjectKind: "instance",
    subjectName: "新加坡",
    changes: {
      password: { before: "set", after: "changed" },
      username: { before: "robot", after: "robot$lockstep" },
    },
  },
  {
    action: "instance:test",
    outcome: "ok",
    subjectKind: "instance",
    subjectName: "東京",
    changes: { address: { after: "https://registry.tyo.example.com:5000" }, result: { after: "CONNECTION" } },
  },
  {
    action: "instance:create",
    outcome: "ok",
    subjectKind: "instance",
    subjectName: '<img src=x onerror="alert(1)">',
    changes: { name: { after: '<img src=x onerror="alert(1)">' } },
  },
  {
    action: "session:sign-in",
    outcome: "denied",
    actor: "\u202eroot",
    subjectKind: "session",
    subjectName: "\u202eroot",
    changes: { reason: { after: "wrong" } },
  },
  {
    action: "session:sign-in",
    outcome: "ok",
    actor: "chenli",
    subjectKind: "session",
    subjectName: "chenli",
    changes: null,
  },
  {
    action: "user:disable",
    outcome: "ok",
    subjectKind: "user",
    subjectName: "left",
    changes: { disabled: { before: false, after: true } },
  },
  {
    action: "user:create",
    outcome: "ok",
    subjectKind: "user",
    subjectName: "a-user-name-that-is-as-long-as-a-user-name-can-be-0123456789ab",
    changes: { displayName: { after: "Wolfeschlegelsteinhausenbergerdorff, Hubert Blaine" } },
  },
  {
    action: "task:stop",
    outcome: "ok",
    actor: "chenli",
    subjectKind: "task",
    subjectName: "#214",
    changes: null,
  },
  { action: "task:retry", outcome: "ok", subjectKind: "task", subjectName: "#219", changes: null },
  {
    action: "rule:delete",
    outcome: "ok",
    subjectKind: "rule",
    subjectName: "old-rule",
    changes: {
      description: { before: "x".repeat(512) },
      sourceNamespace: { before: "old" },
      repositoryPattern: { before: "(?:a|b).*" },
      targets: { before: ["新加坡/old", "法兰克福"] },
    },
  },
  {
    action: "account:change-password",
    outcome: "invalid",
    actor: "operator",
    subjectKind: "user",
    subjectName: "operator",
    changes: { reason: { after: "password-wrong" } },
  },
];

const ROWS = 160;

export async function seedAudit(seed: Seed, userIds: Readonly<Record<string, string>>): Promise<void> {
  const rows = Array.from({ length: ROWS }, (_, index): AuditRow => {
    const { actor = "zhoumin", ...event } = EVENTS[index % EVENTS.length] as Event;
    const agoMs = 3 * MINUTE + index * 2.6 * HOUR;
    return {
      ...event,
      id: seed.id(agoMs),
      at: seed.ago(agoMs),
      actorId: userIds[actor] ?? null,
      actor,
      subjectId: null,
      ip: index % 5 === 4 ? "2001:db8:42:7::1f" : `10.20.${index % 7}.${index % 200}`,
      requestId: `req-${String(index).padStart(6, "0")}`,
    };
  });
  await inBatches(rows, (some) => seed.db.insert(audit).values(some));
}
