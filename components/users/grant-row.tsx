"use client";

import { Lock } from "lucide-react";
import { useTranslations } from "next-intl";
import { memo } from "react";
import { GRANTS, type InstanceGrants, type InstanceOption } from "@/lib/schemas/instance.ts";
import type { UserRow } from "@/lib/schemas/user.ts";
import { Avatar } from "../kit/avatar.tsx";
import { RelativeTime } from "../kit/relative-time.tsx";
import { holdsGrant, NOTHING } from "./grant-cell.ts";
import { GrantSlot } from "./grant-slot.tsx";

const CELL = "h-14 border-line border-b px-2 align-middle";

interface GrantRowProps {
  user: UserRow;
  instances: readonly InstanceOption[];
  /** Edited cells of this user, by instance; null when there is none. */
  edited: ReadonlyMap<string, InstanceGrants> | null;
  row: number;
  /** The slot of this row that is the tab stop; -1: none. */
  tabStop: number;
}

/** One sub-account: four slots for each instance. A row is drawn anew only when it is its own cells that change. */
export const GrantRow = memo(function GrantRow({ user, instances, edited, row, tabStop }: GrantRowProps) {
  const t = useTranslations("users.matrix");
  const grants = useTranslations("common.grant");
  const name = user.displayName || user.username;
  return (
    <tr className="group/row hover:bg-hover">
      <UserHead user={user} />
      {instances.map((instance, index) => {
        const stored = user.grants[instance.id] ?? NOTHING;
        const cell = edited?.get(instance.id) ?? stored;
        return (
          <td key={instance.id} className={CELL}>
            <span className="inline-flex gap-[3px] align-middle">
              {GRANTS.map((grant, slot) => {
                const held = holdsGrant(cell, grant);
                const column = index * GRANTS.length + slot;
                return (
                  <GrantSlot
                    key={grant}
                    grant={grant}
                    held={held}
                    unsaved={held !== holdsGrant(stored, grant)}
                    tabStop={tabStop === column}
                    label={t("slot", { user: name, instance: instance.name, grant: grants(grant) })}
                    place={{ row, column }}
                  />
                );
              })}
            </span>
          </td>
        );
      })}
      <td className={CELL} />
    </tr>
  );
});

/** Root holds everything; nothing of it is changed here. */
export function RootRow({ user, columns }: { user: UserRow; columns: number }) {
  const t = useTranslations("users.matrix");
  return (
    <tr>
      <UserHead user={user} />
      <td colSpan={columns} className={`${CELL} text-ink-3`}>
        {/* It stays beside the name while the columns go by: on a phone there is room for two or three of them. */}
        <span className="sticky left-[228px] flex w-fit items-center gap-2 wrap-anywhere break-keep max-md:max-w-[calc(100vw-240px)] max-md:text-meta">
          <Lock aria-hidden className="size-3.5 shrink-0" />
          {t("rootLocked")}
        </span>
      </td>
    </tr>
  );
}

function UserHead({ user }: { user: UserRow }) {
  const t = useTranslations("users");
  return (
    <th
      scope="row"
      className="sticky left-0 z-[1] h-14 border-line border-b bg-surface px-2 pl-6 text-left font-normal group-hover/row:bg-hover max-md:pl-4"
    >
      <span className="flex items-center gap-2.5">
        <Avatar name={user.displayName || user.username} />
        <span className="min-w-0">
          <span className="block truncate">{user.displayName || user.username}</span>
          <span className="block truncate text-ink-3 text-meta">
            <code>{user.username}</code>
            <span className="sep">{"·"}</span>
            {user.role === "root" ? (
              t("role.root")
            ) : user.disabledAt ? (
              t("disabled")
            ) : (
              <LastSignIn user={user} />
            )}
          </span>
        </span>
      </span>
    </th>
  );
}

function LastSignIn({ user }: { user: UserRow }) {
  const t = useTranslations("users");
  return user.lastSignInAt ? <RelativeTime at={user.lastSignInAt} /> : t("neverSignedIn");
}
