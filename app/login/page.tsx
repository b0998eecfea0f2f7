import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { ClientMessages } from "@/app/client-messages.tsx";
import { SignInForm } from "@/components/account/sign-in-form.tsx";
import { SignInFrame } from "@/components/shell/sign-in-frame.tsx";
import { currentUser } from "@/lib/auth/session.ts";
import { setupNeeded } from "@/lib/auth/setup.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("auth");
  return { title: t("signIn") };
}

export default async function LoginPage({
  searchParams,
}: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  if (await setupNeeded()) {
    redirect("/setup");
  }
  const next = ownPath((await searchParams).next);
  if (await currentUser()) {
    redirect(next);
  }
  const t = await getTranslations("auth");
  return (
    <ClientMessages
      paths={[
        "auth.*",
        "common.field",
        "common.language",
        "common.secret",
        "common.theme",
        "errors.*",
        "validation",
      ]}
    >
      <SignInFrame
        panel={
          <>
            <p className="mt-20 font-medium text-[34px] leading-[50px] max-md:mt-8 max-md:text-[24px] max-md:leading-9">
              {t.rich("slogan", { br: () => <br /> })}
            </p>
            <p className="wrap-anywhere mt-4 max-w-[380px] break-keep text-prose text-rail-ink-2 max-md:mt-1">
              {t("sloganBody")}
            </p>
          </>
        }
      >
        <SignInForm next={next} />
      </SignInFrame>
    </ClientMessages>
  );
}

/** Only a path of this site: an address after sign-in must not lead elsewhere. */
function ownPath(value: string | string[] | undefined): string {
  const own = typeof value === "string" && /^\/(?![/\\])[^\s\\]*$/.test(value) && !value.startsWith("/login");
  return own ? value : "/";
}
