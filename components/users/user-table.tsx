"use client";

import { Ban } from "lucide-react";
import { useTranslations } from "next-intl";
import { useState } from "react";
import type { UserRow } from "@/lib/schemas/user.ts";
import { Avatar } from "../kit/avatar.tsx";
import { lazily } from "../kit/lazily.tsx";
import { RelativeTime } from "../kit/relative-time.tsx";
import { Body, Cell, FROM_1024, Row, Table } from "../kit/table.tsx";
import { TextAction } from "../kit/text-action.tsx";
import { type RowProps, useRowKeys } from "../kit/use-row-keys.ts";
import { DisableUser } from "./disable-user.tsx";
import { USER_COLUMNS, UserHead } from "./user-head.tsx";

const DeleteUserDialog = lazily(() => import("./delete-user.tsx").then((module) => module.DeleteUserDialog), {
  layer: true,
});
const ResetPasswordDialog = lazily(
  () => import("./reset-password.tsx").then((module) => module.ResetPasswordDialog),
  { layer: true },
);

/** 成员: who there is, who may sign in, and what root may do about it. */
export function UserTable({ users, selfId }: { users: readonly UserRow[]; selfId: string | null }) {
  const t = useTranslations("users");
  const { rowProps } = useRowKeys({ rows: users, copy: ({ username }) => username });
  return (
    <Table caption={t("caption")} columns={USER_COLUMNS}>
      <UserHead />
      <Body>
        {users.map((user) => (
          <UserTableRow key={user.id} user={user} self={user.id === selfId} keys={rowProps(user.id)} />
        ))}
      </Body>
    </Table>
  );
}

function UserTableRow({ user, self, keys }: { user: UserRow; self: boolean; keys: RowProps }) {
  const t = useTranslations("users");
  const name = user.displayName || user.username;
  const held = Object.keys(user.grants).length;
  return (
    <Row {...keys}>
      <Cell rowHead>
        <span className="flex items-center gap-2.5">
          <Avatar name={name} />
          <span className="min-w-0">
            <span className="block truncate font-medium">
              {name}
              {self ? <span className="ml-2 font-normal text-ink-3 text-meta">{t("you")}</span> : null}
            </span>
            <code className="block truncate text-ink-3">{user.username}</code>
          </span>
        </span>
      </Cell>
      <Cell label={t("roleHead")} className={`text-ink-2 ${FROM_1024}`}>
        {t(`role.${user.role}`)}
      </Cell>
      <Cell label={t("status")}>
        {user.disabledAt ? (
          <span className="flex w-fit items-center gap-1.5 whitespace-nowrap font-medium text-slate-fg">
            <Ban aria-hidden className="size-3.5" />
            {t("disabled")}
          </span>
        ) : (
          <span className="text-ink-2">{t("enabled")}</span>
        )}
      </Cell>
      <Cell label={t("grants")} className="text-ink-2">
        {user.role === "root" ? (
          t("allInstances")
        ) : held === 0 ? (
          <span className="text-ink-3">{t("noGrants")}</span>
        ) : (
          t("onInstances", { n: held })
        )}
      </Cell>
      <Cell label={t("lastSignIn")} className="text-ink-2">
        {user.lastSignInAt ? (
          <RelativeTime at={user.lastSignInAt} />
        ) : (
          <span className="text-ink-3">{t("never")}</span>
        )}
      </Cell>
      <Cell label={t("created")} className={`text-ink-2 ${FROM_1024}`}>
        <RelativeTime at={user.createdAt} />
      </Cell>
      <Cell wide>
        <UserActions user={user} self={self} />
      </Cell>
    </Row>
  );
}

function UserActions({ user, self }: { user: UserRow; self: boolean }) {
  const t = useTranslations("users");
  const [open, setOpen] = useState<"reset" | "delete" | null>(null);
  const close = (next: boolean) => next || setOpen(null);
  const off = self ? t("notYourself") : null;
  return (
    <span className="flex items-center gap-4">
      <DisableUser user={user} disabledReason={off} />
      <TextAction onClick={() => setOpen("reset")} aria-label={t("resetOf", { name: user.username })}>
        {t("reset.action")}
      </TextAction>
      <TextAction
        onClick={() => setOpen("delete")}
        disabledReason={off}
        aria-label={t("deleteOf", { name: user.username })}
      >
        {t("delete.action")}
      </TextAction>
      {open === "reset" ? <ResetPasswordDialog user={user} open onOpenChange={close} /> : null}
      {open === "delete" ? <DeleteUserDialog user={user} open onOpenChange={close} /> : null}
    </span>
  );
}
