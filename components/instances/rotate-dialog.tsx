"use client";

import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { rotateCredentialAction } from "@/lib/actions/instances.ts";
import type { ConnectionReport, InstanceRow } from "@/lib/schemas/instance.ts";
import { Button } from "../kit/button.tsx";
import { Dialog } from "../kit/dialog.tsx";
import { DialogButtons } from "../kit/dialog-buttons.tsx";
import { Field } from "../kit/field.tsx";
import { FormError, useFieldErrors } from "../kit/form-error.tsx";
import { Input, SecretInput } from "../kit/input.tsx";
import { Note } from "../kit/note.tsx";
import { showToast } from "../kit/toast.tsx";
import { useFormAction } from "../kit/use-form-action.ts";
import { useQueryClient } from "../live/query.tsx";
import { queryKeys } from "../live/query-keys.ts";
import { useReportSentence } from "./connection-sentence.ts";

interface RotateDialogProps {
  instance: InstanceRow;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

/** Nothing but user name and password; tried at the registry first, kept only if it takes them. */
export function RotateDialog({ instance, open, onOpenChange }: RotateDialogProps) {
  const t = useTranslations("instances.rotate");
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={t("title", { name: instance.name })}
      description={t("body")}
    >
      <RotateForm instance={instance} onDone={() => onOpenChange(false)} />
    </Dialog>
  );
}

function RotateForm({ instance, onDone }: { instance: InstanceRow; onDone: () => void }) {
  const t = useTranslations("instances.rotate");
  const form = useTranslations("instances.form");
  const common = useTranslations("common");
  const sentence = useReportSentence();
  const router = useRouter();
  const client = useQueryClient();
  // As it was when this was opened: a password is typed for the address that stands here, not for one that comes meanwhile.
  const [version] = useState(instance.version);
  const [refused, setRefused] = useState<ConnectionReport | null>(null);
  const host = new URL(instance.address).host;
  const rotate = useFormAction(rotateCredentialAction, (report) => {
    if (!report.ok) {
      setRefused(report);
      return;
    }
    onDone();
    showToast({ message: t("done", { name: instance.name }) });
    void client.invalidateQueries({ queryKey: queryKeys.instance(instance.id) });
    router.refresh();
  });
  const error = useFieldErrors(rotate.state);
  // The form stays open when the registry refuses: its answer has come, the action is over.
  const busy =
    rotate.pending && !(rotate.state.status === "ok" && !rotate.state.result.ok && refused !== null);
  return (
    <form
      {...rotate.form}
      onSubmit={(event) => {
        setRefused(null);
        rotate.form.onSubmit(event);
      }}
      className="mt-3"
    >
      <input type="hidden" name="instanceId" value={instance.id} />
      <input type="hidden" name="version" value={version} />
      <Field layout="stacked" label={form("username")} required error={error("username")}>
        <Input name="username" mono defaultValue={instance.username ?? ""} autoCapitalize="none" />
      </Field>
      <Field
        layout="stacked"
        label={form("password")}
        required
        hint={form("passwordHint")}
        error={error("password")}
      >
        <SecretInput name="password" />
      </Field>
      {refused && !busy ? (
        <Note tone="cinnabar" role="alert" className="mt-2">
          <span className="block font-medium text-ink">{t("refused")}</span>
          {sentence(instance.name, refused, host)}
        </Note>
      ) : null}
      <FormError state={rotate.state} className="mt-2" />
      <DialogButtons>
        <Button variant="quiet" onClick={onDone}>
          {common("cancel")}
        </Button>
        <Button type="submit" variant="primary" busy={busy} busyLabel={t("submitting")}>
          {t("submit")}
        </Button>
      </DialogButtons>
    </form>
  );
}
