import clsx from "clsx";
import { Check } from "lucide-react";
import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { ClientMessages } from "@/app/client-messages.tsx";
import { SetupForm } from "@/components/account/setup-form.tsx";
import { SignInFrame } from "@/components/shell/sign-in-frame.tsx";
import { setupNeeded, setupTokenValid } from "@/lib/auth/setup.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("auth");
  // The address carries the one-time token: it must not travel in a Referer.
  return { title: t("setup.title"), referrer: "no-referrer" };
}

export default async function SetupPage({
  searchParams,
}: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  if (!(await setupNeeded())) {
    redirect("/login");
  }
  const { token: given } = await searchParams;
  const token = typeof given === "string" ? given : "";
  const valid = token !== "" && (await setupTokenValid(token));
  const t = await getTranslations("auth");
  return (
    <ClientMessages
      paths={[
        "auth",
        "common.field",
        "common.language",
        "common.secret",
        "common.theme",
        "errors.*",
        "validation",
      ]}
    >
      <SignInFrame
        low
        panel={
          <>
            <p className="mt-14 font-medium text-[24px] leading-9 max-md:mt-6">{t("setup.title")}</p>
            <p className="mt-1 text-rail-ink-2">{t("setup.duration")}</p>
            <SetupSteps current={valid ? 1 : 0} />
          </>
        }
      >
        <SetupForm token={token} tokenValid={valid} />
      </SignInFrame>
    </ClientMessages>
  );
}

const STEPS = ["token", "root", "instance", "rule"] as const;

async function SetupSteps({ current }: { current: number }) {
  const t = await getTranslations("auth");
  return (
    <ol className="mt-8 max-md:hidden">
      {STEPS.map((step, index) => {
        const done = index < current;
        return (
          <li
            key={step}
            aria-current={index === current ? "step" : undefined}
            className="relative flex gap-4 pb-6"
          >
            {index < STEPS.length - 1 ? (
              <i
                aria-hidden
                className={clsx(
                  "absolute top-8 bottom-1 left-[13px] w-[2px]",
                  done ? "bg-malachite-fill" : "bg-rail-line",
                )}
              />
            ) : null}
            <span
              aria-hidden
              className={clsx(
                "flex size-7 shrink-0 items-center justify-center rounded-sm font-medium",
                done && "bg-malachite-fill text-rail",
                index === current && "bg-rail-ink text-rail",
                index > current && "text-rail-ink-2 shadow-[inset_0_0_0_1px_oklch(0.5_0.03_240)]",
              )}
            >
              {done ? <Check className="size-3.5" /> : index + 1}
            </span>
            <div>
              <div
                className={clsx(
                  "leading-7",
                  index === current && "font-medium",
                  index > current && "text-rail-ink-2",
                )}
              >
                {t(`setup.steps.${step}`)}
                {done ? <span className="sr-only">{t("setup.done")}</span> : null}
              </div>
              <div className="text-meta text-rail-ink-2">
                {t(done ? "setup.verified" : `setup.notes.${step}`)}
              </div>
            </div>
          </li>
        );
      })}
    </ol>
  );
}
