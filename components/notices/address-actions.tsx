"use client";

import { Ellipsis } from "lucide-react";
import { useTranslations } from "next-intl";
import { useState } from "react";
import type { InstanceOption } from "@/lib/schemas/instance.ts";
import type { NoticeAddressRow } from "@/lib/schemas/notice.ts";
import { lazily } from "../kit/lazily.tsx";
import { Menu } from "../kit/menu.tsx";
import type { MenuItem } from "../kit/menu-items.ts";
import { TextAction } from "../kit/text-action.tsx";

const AddressDialog = lazily(() => import("./address-dialog.tsx").then((module) => module.AddressDialog), {
  layer: true,
});
const TestDialog = lazily(() => import("./test-dialog.tsx").then((module) => module.TestDialog), {
  layer: true,
});
const RotateDialog = lazily(() => import("./rotate-dialog.tsx").then((module) => module.RotateDialog), {
  layer: true,
});
const RemoveDialog = lazily(() => import("./remove-dialog.tsx").then((module) => module.RemoveDialog), {
  layer: true,
});

interface AddressActionsProps {
  address: NoticeAddressRow;
  instances: readonly InstanceOption[];
}

/** 测试 and 编辑 in words, the rest in a menu. */
export function AddressActions({ address, instances }: AddressActionsProps) {
  const t = useTranslations("notices");
  const [open, setOpen] = useState<"test" | "edit" | "rotate" | "remove" | null>(null);
  const close = () => setOpen(null);
  const { name } = address;
  const items: MenuItem[] = [
    { kind: "link", label: t("log.action"), href: `/notifications?view=deliveries&address=${address.id}` },
    ...(address.kind === "generic"
      ? [{ kind: "action", label: t("rotate.action"), onSelect: () => setOpen("rotate") } as const]
      : []),
    { kind: "separator" },
    { kind: "action", label: t("remove.action"), danger: true, onSelect: () => setOpen("remove") },
  ];
  return (
    <span className="flex items-center gap-3.5">
      <TextAction data-key="t" onClick={() => setOpen("test")} aria-label={t("test.of", { name })}>
        {t("test.action")}
      </TextAction>
      <TextAction data-key="e" onClick={() => setOpen("edit")} aria-label={t("edit.of", { name })}>
        {t("edit.action")}
      </TextAction>
      <Menu
        items={items}
        trigger={
          <button
            type="button"
            aria-label={t("more", { name })}
            className="-mx-1 flex size-6 items-center justify-center rounded-sm text-ink-3 hover:text-ink max-md:size-11"
          >
            <Ellipsis aria-hidden className="size-4" />
          </button>
        }
      />
      {open === "test" ? <TestDialog address={address} onClose={close} /> : null}
      {open === "edit" ? <AddressDialog address={address} instances={instances} onClose={close} /> : null}
      {open === "rotate" ? <RotateDialog address={address} onClose={close} /> : null}
      {open === "remove" ? <RemoveDialog address={address} onClose={close} /> : null}
    </span>
  );
}
