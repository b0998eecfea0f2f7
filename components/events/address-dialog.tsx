"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { setEventAddressAction } from "@/lib/actions/instances.ts";
import type { EventAddress } from "@/lib/schemas/event.ts";
import { DIALECTS, type DialectName } from "@/lib/schemas/words.ts";
import { Button } from "../kit/button.tsx";
import { Checkbox } from "../kit/checkbox.tsx";
import { Dialog } from "../kit/dialog.tsx";
import { DialogButtons } from "../kit/dialog-buttons.tsx";
import { Field } from "../kit/field.tsx";
import { Select } from "../kit/select.tsx";
import { useAction } from "../live/use-action.ts";

interface AddressDialogProps {
  instance: { id: string; name: string };
  /** Null: there is none yet. */
  address: EventAddress | null;
  /** What the registry calls itself suggests. */
  suggested: DialectName;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onToken: (token: string) => void;
}

/** Chooses who sends, and makes a token. */
export function AddressDialog({ instance, address, suggested, ...rest }: AddressDialogProps) {
  const t = useTranslations("events");
  const common = useTranslations("common");
  const [dialect, setDialect] = useState<string>(address?.dialect ?? suggested);
  const [endPrevious, setEndPrevious] = useState(false);
  const { run, busy } = useAction(setEventAddressAction);
  const submit = async () => {
    const made = await run({ instanceId: instance.id, dialect, endPrevious });
    if (made) {
      rest.onToken(made.token);
      rest.onOpenChange(false);
    }
  };
  return (
    <Dialog
      open={rest.open}
      onOpenChange={rest.onOpenChange}
      title={
        address ? t("dialog.rotate", { name: instance.name }) : t("dialog.create", { name: instance.name })
      }
      description={t("dialog.body")}
    >
      <div className="mt-3">
        <Field layout="stacked" label={t("dialog.sender")} hint={t("dialog.senderHint")}>
          <Select
            value={dialect}
            onValueChange={setDialect}
            className="w-full"
            options={DIALECTS.map((value) => ({ value, label: t(`senders.${value}`) }))}
          />
        </Field>
        {address?.dialect === dialect ? (
          <Checkbox checked={endPrevious} onCheckedChange={setEndPrevious} hint={t("dialog.endPreviousHint")}>
            {t("dialog.endPrevious")}
          </Checkbox>
        ) : null}
      </div>
      <DialogButtons>
        <Button variant="quiet" onClick={() => rest.onOpenChange(false)}>
          {common("cancel")}
        </Button>
        <Button variant="primary" busy={busy} onClick={submit}>
          {t("dialog.submit")}
        </Button>
      </DialogButtons>
    </Dialog>
  );
}
