"use client";

import { OctagonX } from "lucide-react";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { type ReactNode, startTransition, useCallback, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { createInstanceAction, updateInstanceAction } from "@/lib/actions/instances.ts";
import type { ActionState } from "@/lib/schemas/action-state.ts";
import type { ConnectionReport, InstanceRow } from "@/lib/schemas/instance.ts";
import { Button } from "../kit/button.tsx";
import { FormError } from "../kit/form-error.tsx";
import { LinkButton } from "../kit/link-button.tsx";
import { showToast } from "../kit/toast.tsx";
import { UnsavedGuard } from "../kit/unsaved-guard.tsx";
import { useFormAction } from "../kit/use-form-action.ts";
import { InstanceConflict } from "./instance-conflict.tsx";
import {
  AddressField,
  CredentialFields,
  MoreFields,
  NameField,
  type VendorGuess,
} from "./instance-fields.tsx";
import { MoreSettings } from "./more-settings.tsx";
import { TestResult, useConnectionTest } from "./test-connection.tsx";

interface InstanceFormProps {
  /** What is stored; absent for a new one. */
  instance?: InstanceRow;
  /** Fields of their own beneath. `onDirty` tells of a change that a form does not notice by itself. */
  more?: (form: { state: ActionState<unknown>; onDirty: () => void }) => ReactNode;
}

/** Registers an instance, or changes one. Secrets are never part of it. */
export function InstanceForm({ instance, more }: InstanceFormProps) {
  const t = useTranslations("instances.form");
  const common = useTranslations("common");
  const router = useRouter();
  const [dirty, setDirty] = useState(false);
  const onDirty = useCallback(() => setDirty(true), []);
  const [address, setAddress] = useState(instance?.address ?? "");
  const [charts, setCharts] = useState(instance?.chartsAddress ?? "");
  // Of what the fields were filled with: a page that is made anew meanwhile must not pass an older text for a newer one.
  const [version, setVersion] = useState(instance?.version);
  const save = useFormAction<{ instanceId: string }>(
    instance ? updateInstanceAction : createInstanceAction,
    ({ instanceId }) => {
      setDirty(false);
      showToast({ message: t(instance ? "saved" : "added") });
      router.push(`/instances/${instanceId}`);
      router.refresh();
    },
  );
  const test = useConnectionTest(save.form.ref);
  // Whichever of the two answered last says which fields are wrong.
  const last = useLatest(save.state, test.state);
  const wrong = last.status === "error" ? Object.keys(last.fields).length : 0;
  const overtaken =
    instance && save.state.status === "error" && save.state.reason === "instance-changed" ? save.state : null;
  const moved = instance !== undefined && hasMoved(instance, address, charts);
  const props = { instance, state: last };

  return (
    <form
      {...save.form}
      onSubmit={(event) => {
        test.forget();
        save.form.onSubmit(event);
      }}
      onChange={onDirty}
      className="flex flex-1 flex-col"
    >
      <UnsavedGuard dirty={dirty && !save.pending} />
      {instance ? (
        <>
          <input type="hidden" name="instanceId" value={instance.id} />
          <input type="hidden" name="version" value={version} />
        </>
      ) : null}
      <div className="flex w-full max-w-[640px] flex-1 flex-col gap-1.5 px-6 py-5 max-md:px-4">
        <AddressField {...props} address={address} onAddress={setAddress} />
        <NameField {...props} address={address} />
        <CredentialFields {...props} moved={moved} />
        <MoreSettings open={instance !== undefined || asksForMore(last, test.state)}>
          <MoreFields {...props} guess={guessOf(test.state)} charts={charts} onCharts={setCharts} />
        </MoreSettings>
        {more?.({ state: last, onDirty })}
      </div>
      <footer className="sticky bottom-0 z-10 border-line border-t bg-surface px-6 py-3.5 max-md:px-4">
        {/* Beside the buttons that asked for it, so that it is never scrolled out of sight. */}
        <TestResult test={test} name={instance?.name ?? t("thisInstance")} host={hostOf(address)} />
        {instance && overtaken ? (
          <InstanceConflict
            key={String(overtaken.values.at)}
            instanceId={instance.id}
            by={{ user: String(overtaken.values.user), at: String(overtaken.values.at) }}
            form={save.form.ref.current}
            onTheirs={() => {
              // Said by the button: nobody asks once more.
              flushSync(() => setDirty(false));
              window.location.reload();
            }}
            onMine={(latest) => {
              flushSync(() => setVersion(latest));
              save.form.ref.current?.requestSubmit();
            }}
          />
        ) : (
          <FormError state={last} className="mb-3 max-w-[592px]" />
        )}
        <div className="flex flex-wrap items-center gap-2">
          <Button
            type="submit"
            // Whose counts is asked above.
            variant={overtaken ? "plain" : "primary"}
            busy={save.pending}
            busyLabel={t("saving")}
            className="min-w-20"
          >
            {t(instance ? "save" : "create")}
          </Button>
          <Button
            onClick={() => startTransition(() => test.run())}
            busy={test.pending}
            busyLabel={t("testing")}
          >
            {t("test")}
          </Button>
          <LinkButton variant="quiet" href={instance ? `/instances/${instance.id}` : "/instances"}>
            {common("cancel")}
          </LinkButton>
          {wrong > 0 ? (
            <span role="status" className="flex items-center gap-1.5 text-cinnabar-fg">
              <OctagonX aria-hidden className="size-3.5 stroke-[1.75]" />
              {common("fieldsToFix", { n: wrong })}
            </span>
          ) : null}
        </div>
      </footer>
    </form>
  );
}

const MORE = ["chartsAddress", "region", "vendor", "caCertificate"];

/** The stored password stays where it was given for: at the origins of both addresses. */
function hasMoved(instance: InstanceRow, address: string, charts: string): boolean {
  const known = [instance.address, originOf(instance.chartsAddress ?? instance.address)];
  return (
    originOf(address) !== instance.address || (charts.trim() !== "" && !known.includes(originOf(charts)))
  );
}

/** What is wrong, or would help, stands among the settings that are folded away. */
function asksForMore(last: ActionState<unknown>, test: ActionState<ConnectionReport>): boolean {
  const refused = last.status === "error" && MORE.some((field) => last.fields[field] !== undefined);
  const untrusted = test.status === "ok" && !test.result.ok && test.result.code === "TLS";
  return refused || untrusted;
}

function guessOf(test: ActionState<ConnectionReport>): VendorGuess | null {
  const software = test.status === "ok" && test.result.ok ? test.result.capabilities?.software : null;
  return software ? { software, vendor: software === "Distribution" ? "distribution" : "generic" } : null;
}

function hostOf(address: string): string {
  const origin = originOf(address);
  return URL.canParse(origin) ? new URL(origin).host : address;
}

/** `registry.example.com` and `https://registry.example.com/` are one origin. */
function originOf(address: string): string {
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(address.trim()) ? address.trim() : `https://${address.trim()}`;
  return URL.canParse(url) ? new URL(url).origin : address;
}

function useLatest(a: ActionState<unknown>, b: ActionState<unknown>): ActionState<unknown> {
  const seen = useRef({ a, b, last: a });
  if (seen.current.a !== a) {
    seen.current = { a, b, last: a };
  } else if (seen.current.b !== b) {
    seen.current = { a, b, last: b };
  }
  return seen.current.last;
}
