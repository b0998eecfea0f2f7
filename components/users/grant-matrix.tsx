"use client";

import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { type ComponentProps, type ReactNode, startTransition, useMemo, useRef, useState } from "react";
import { saveGrantsAction } from "@/lib/actions/users.ts";
import { GRANTS, type InstanceGrants, type InstanceOption } from "@/lib/schemas/instance.ts";
import type { UserRow } from "@/lib/schemas/user.ts";
import { EmptyState } from "../kit/empty-state.tsx";
import { LinkButton } from "../kit/link-button.tsx";
import { Pager } from "../kit/pager.tsx";
import { useShortcuts } from "../kit/shortcuts.tsx";
import { showToast } from "../kit/toast.tsx";
import { UnsavedGuard } from "../kit/unsaved-guard.tsx";
import { useAction } from "../live/use-action.ts";
import { changesOf, type Edits, withToggle } from "./grant-cell.ts";
import { GrantHead } from "./grant-head.tsx";
import { GrantHint } from "./grant-hint.tsx";
import { GrantLegend } from "./grant-legend.tsx";
import { GrantRow, RootRow } from "./grant-row.tsx";
import { type Refused, UnsavedBar } from "./unsaved-bar.tsx";
import { useGrid } from "./use-grid.ts";

interface GrantMatrixProps {
  /** Of this page. */
  users: readonly UserRow[];
  /** Those in sight. */
  instances: readonly InstanceOption[];
  pager: Pick<ComponentProps<typeof Pager>, "next" | "previous" | "size">;
  /** Which instances are in sight, and the way to the others. */
  columns: ReactNode;
  /** Stands under the heads where nobody matches. */
  none?: ReactNode;
}

/** 授权矩阵: arrows move, Space toggles, Ctrl/⌘ S saves; nothing is stored before that, whatever page is turned meanwhile. */
export function GrantMatrix({ users, instances, pager, columns, none }: GrantMatrixProps) {
  const t = useTranslations("users.matrix");
  const router = useRouter();
  const [edits, setEdits] = useState<Edits>(new Map());
  const members = useMemo(() => users.filter((user) => user.role !== "root"), [users]);
  const roots = users.filter((user) => user.role === "root");
  const [refused, setRefused] = useState<Refused | null>(null);
  const { run, busy } = useAction(saveGrantsAction, (failure, sentence) => {
    if (failure.reason === "grants-changed") {
      // The fresh rows tell which cells were overtaken; what was edited stays.
      startTransition(() => {
        setRefused({ by: String(failure.values.user || "") || null });
        router.refresh();
      });
    } else {
      showToast({ tone: "failed", message: sentence });
    }
  });

  const save = async (wanted: Edits) => {
    if (wanted.size === 0 || !(await run({ changes: changesOf(wanted) }))) {
      return;
    }
    setEdits(new Map());
    setRefused(null);
    showToast({ message: t("saved") });
    router.refresh();
  };
  useMatrixKeys(() => save(edits));

  const toggle = (row: number, column: number) => {
    const user = members[row];
    const instance = instances[Math.floor(column / GRANTS.length)];
    const grant = GRANTS[column % GRANTS.length];
    if (user && instance && grant) {
      setEdits((current) => withToggle(current, user, instance.id, grant));
    }
  };
  const byUser = useEditsByUser(edits);
  const seen = { users: useSeen(members), instances: useSeen(instances) };
  const grid = useGrid({ rows: members.length, columns: instances.length * GRANTS.length, toggle });

  if (instances.length === 0) {
    return (
      <EmptyState
        title={t("noInstances.title")}
        body={t("noInstances.body")}
        action={
          <LinkButton variant="primary" size="lg" href="/instances/new">
            {t("noInstances.action")}
          </LinkButton>
        }
      />
    );
  }
  return (
    <>
      <UnsavedGuard dirty={edits.size > 0} />
      <GrantLegend />
      <div data-stays>{columns}</div>
      <div
        ref={grid.ref}
        className="relative min-w-0 flex-1 scroll-pt-14 scroll-pl-[220px] overflow-auto md:max-h-[calc(100dvh-176px)]"
      >
        <table className="w-full table-fixed border-separate border-spacing-0">
          <GrantHead instances={instances} />
          <tbody>
            {roots.map((user) => (
              <RootRow key={user.id} user={user} columns={instances.length + 1} />
            ))}
            {members.map((user, row) => (
              <GrantRow
                key={user.id}
                user={user}
                instances={instances}
                edited={byUser.get(user.id) ?? null}
                row={row}
                tabStop={grid.active.row === row ? grid.active.column : -1}
              />
            ))}
          </tbody>
        </table>
        {none}
        <GrantHint target={grid.hint} users={members} instances={instances} edits={edits} />
      </div>
      <div data-stays>
        <Pager {...pager} />
      </div>
      {edits.size > 0 ? (
        <UnsavedBar
          users={seen.users}
          instances={seen.instances}
          edits={edits}
          refused={refused}
          busy={busy}
          onEdits={(next) => {
            setEdits(next);
            setRefused(null);
          }}
          onSave={save}
        />
      ) : null}
    </>
  );
}

/** The arrows and Space are the grid's own (use-grid.ts); here they are only named for the help. */
function useMatrixKeys(save: () => void) {
  const t = useTranslations("users.matrix");
  const named = (keys: string, label: string) =>
    ({ keys, label, group: "list", when: false, listed: true, run: () => {} }) as const;
  useShortcuts([
    { keys: "Mod+s", label: t("save"), group: "form", run: save },
    named("ArrowLeft", t("move")),
    named("ArrowUp", t("move")),
    named("ArrowDown", t("move")),
    named("ArrowRight", t("move")),
    named("Space", t("toggle")),
    named("Home", t("rowEnds")),
    named("End", t("rowEnds")),
  ]);
}

/** What was shown so far, as it was read last: what was edited is named also when the page was turned. */
function useSeen<Row extends { id: string }>(rows: readonly Row[]): readonly Row[] {
  const known = useRef(new Map<string, Row>());
  return useMemo(() => {
    for (const row of rows) {
      known.current.set(row.id, row);
    }
    return [...known.current.values()];
  }, [rows]);
}

/** Edits of each user as a map of their own, the same object as long as they do not change: rows stay as they are. */
function useEditsByUser(edits: Edits): ReadonlyMap<string, ReadonlyMap<string, InstanceGrants>> {
  const last = useRef(new Map<string, ReadonlyMap<string, InstanceGrants>>());
  return useMemo(() => {
    const grouped = new Map<string, Map<string, InstanceGrants>>();
    for (const [key, cell] of edits) {
      const [userId = "", instanceId = ""] = key.split(":");
      grouped.set(userId, (grouped.get(userId) ?? new Map()).set(instanceId, cell));
    }
    const kept = new Map<string, ReadonlyMap<string, InstanceGrants>>();
    for (const [userId, cells] of grouped) {
      const before = last.current.get(userId);
      const same = before?.size === cells.size && [...cells].every(([id, cell]) => before.get(id) === cell);
      kept.set(userId, same && before ? before : cells);
    }
    last.current = kept;
    return kept;
  }, [edits]);
}
