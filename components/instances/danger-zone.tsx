"use client";

import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { deleteInstanceAction } from "@/lib/actions/instances.ts";
import type { RuleMention } from "@/lib/schemas/instance-health.ts";
import { Button } from "../kit/button.tsx";
import { lazily } from "../kit/lazily.tsx";
import { Link } from "../kit/link.tsx";
import { showToast } from "../kit/toast.tsx";
import { useAction } from "../live/use-action.ts";
import { Section } from "./section.tsx";

const TypeNameDialog = lazily(() => import("../kit/dialog.tsx").then((module) => module.TypeNameDialog), {
  layer: true,
});

interface DangerZoneProps {
  id: string;
  name: string;
  ruleCount: number;
  /** The first of those rules. */
  rules: readonly RuleMention[];
}

/** Removal: refused while rules name the instance, and they are named; else confirmed by typing its name. */
export function DangerZone({ id, name, ruleCount, rules }: DangerZoneProps) {
  const t = useTranslations("instances.danger");
  const [open, setOpen] = useState(false);
  const [opened, setOpened] = useState(false);
  const inUse = ruleCount > 0 ? t("inUse", { n: ruleCount, name }) : null;
  return (
    <Section title={t("title")}>
      <div className="flex flex-wrap items-start justify-between gap-3">
        <div className="min-w-0 flex-1 basis-72">
          <p className="text-ink-2">{inUse ?? t("body", { name })}</p>
          {inUse ? <Mentions id={id} ruleCount={ruleCount} rules={rules} /> : null}
        </div>
        <Button
          variant="danger"
          disabledReason={inUse}
          onClick={() => {
            setOpened(true);
            setOpen(true);
          }}
        >
          {t("remove")}
        </Button>
      </div>
      {opened ? <RemoveDialog id={id} name={name} open={open} onOpenChange={setOpen} /> : null}
    </Section>
  );
}

function Mentions({ id, ruleCount, rules }: Pick<DangerZoneProps, "id" | "ruleCount" | "rules">) {
  const t = useTranslations("instances.danger");
  return (
    <ul className="mt-1.5 flex flex-wrap gap-x-4 gap-y-0.5">
      {rules.map((rule) => (
        <li key={rule.id} className="flex min-w-0 items-baseline gap-1.5">
          <Link href={`/rules/${rule.id}`} className="link inline-flex min-h-6 min-w-0 items-center">
            <span className="truncate">{rule.name}</span>
          </Link>
          <span className="text-ink-3 text-meta whitespace-nowrap">
            {t(rule.source ? "asSource" : "asTarget")}
          </span>
        </li>
      ))}
      {ruleCount > rules.length ? (
        <li>
          <Link href={`/rules?instance=${id}`} className="link inline-flex min-h-6 items-center">
            {t("more", { n: ruleCount - rules.length })}
          </Link>
        </li>
      ) : null}
    </ul>
  );
}

interface RemoveDialogProps {
  id: string;
  name: string;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

function RemoveDialog({ id, name, open, onOpenChange }: RemoveDialogProps) {
  const t = useTranslations("instances.danger");
  const router = useRouter();
  const [refusal, setRefusal] = useState<string | null>(null);
  const { run, busy } = useAction(deleteInstanceAction, (_, sentence) => setRefusal(sentence));
  const remove = async (confirmName: string) => {
    setRefusal(null);
    const result = await run({ instanceId: id, confirmName });
    if (result !== null) {
      onOpenChange(false);
      showToast({ message: t("removed", { name }) });
      router.push("/instances");
      router.refresh();
    }
  };
  return (
    <TypeNameDialog
      open={open}
      onOpenChange={(next) => {
        setRefusal(null);
        onOpenChange(next);
      }}
      title={t("confirmTitle", { name })}
      description={t("confirmBody")}
      inputLabel={t("confirmInput")}
      name={name}
      confirmLabel={t("remove")}
      busy={busy}
      error={refusal}
      onConfirm={remove}
    />
  );
}
