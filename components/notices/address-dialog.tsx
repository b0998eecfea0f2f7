"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { createNoticeAction, updateNoticeAction } from "@/lib/actions/notices.ts";
import type { InstanceOption } from "@/lib/schemas/instance.ts";
import type { NoticeAddressRow } from "@/lib/schemas/notice.ts";
import { Dialog } from "../kit/dialog.tsx";
import { showToast } from "../kit/toast.tsx";
import { useFormAction } from "../kit/use-form-action.ts";
import { AddressForm } from "./address-form.tsx";
import { SecretShown } from "./secret-shown.tsx";

interface AddressDialogProps {
  /** Null: a new one. */
  address: NoticeAddressRow | null;
  instances: readonly InstanceOption[];
  onClose: () => void;
}

/** Where notices go, in whose form and language, and which. A secret that was made is shown before it closes. */
export function AddressDialog({ address, instances, onClose }: AddressDialogProps) {
  return address === null ? (
    <CreateAddress instances={instances} onClose={onClose} />
  ) : (
    <EditAddress address={address} instances={instances} onClose={onClose} />
  );
}

function CreateAddress({ instances, onClose }: Omit<AddressDialogProps, "address">) {
  const t = useTranslations("notices");
  const [name, setName] = useState("");
  const [secret, setSecret] = useState<string | null>(null);
  const { state, pending, form } = useFormAction(createNoticeAction, (made) => {
    if (made.secret === null) {
      onClose();
      showToast({ message: t("form.created", { name }) });
    } else {
      setSecret(made.secret);
    }
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={secret === null ? t("form.create") : t("secret.title", { name })}
      width={520}
    >
      {secret === null ? (
        <AddressForm
          address={null}
          instances={instances}
          state={state}
          pending={pending}
          form={form}
          onName={setName}
          onClose={onClose}
        />
      ) : (
        <SecretShown secret={secret} onClose={onClose} />
      )}
    </Dialog>
  );
}

function EditAddress({ address, instances, onClose }: AddressDialogProps & { address: NoticeAddressRow }) {
  const t = useTranslations("notices.form");
  const { state, pending, form } = useFormAction(updateNoticeAction, () => {
    onClose();
    showToast({ message: t("saved", { name: address.name }) });
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={t("edit", { name: address.name })}
      width={520}
    >
      <AddressForm
        address={address}
        instances={instances}
        state={state}
        pending={pending}
        form={form}
        onClose={onClose}
      />
    </Dialog>
  );
}
