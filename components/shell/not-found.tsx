import { getTranslations } from "next-intl/server";
import { look } from "../kit/button-look.ts";
import { Stairs } from "../kit/stairs.tsx";

/** One answer for what does not exist and for what one may not see. Whoever is signed out is led to sign in. */
export async function NotFound({ signedOut = false }: { signedOut?: boolean }) {
  const t = await getTranslations("common");
  return (
    <div className="flex flex-1 items-start justify-center px-6 pt-[16vh] pb-12">
      <div className="w-full max-w-[460px]">
        {/* The stairs of the first use, broken off. */}
        <Stairs>
          <path d="M0 74h72V50h72" stroke="var(--azurite)" />
          <path d="M144 50V26h72V2h144" stroke="var(--line-strong)" strokeDasharray="7 5" />
          <path d="M0 90h80V66h64" stroke="var(--malachite-fill)" />
          <path d="M152 66V42h72V18h132" stroke="var(--line-strong)" strokeDasharray="7 5" />
        </Stairs>
        <h1 className="mt-5">{t("notFound.title")}</h1>
        <p className="wrap-anywhere mt-1.5 break-keep text-ink-2 text-prose">{t("notFound.body")}</p>
        {/* A plain link: what this page needs, every page carries (app/not-found.tsx). */}
        <a href="/rules" className={look({ variant: "primary", className: "mt-5" })}>
          {t(signedOut ? "notFound.signIn" : "notFound.home")}
        </a>
      </div>
    </div>
  );
}
