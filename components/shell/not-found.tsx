import { getTranslations } from "next-intl/server";
import { look } from "../kit/button-look.ts";

/** One answer for what does not exist and for what one may not see. */
export async function NotFound() {
  const t = await getTranslations("common");
  return (
    <div className="flex flex-1 items-start justify-center px-6 pt-[16vh] pb-12">
      <div className="w-full max-w-[460px]">
        <svg width="72" height="72" viewBox="0 0 24 24" fill="none" strokeWidth="1.6" aria-hidden="true">
          <path d="M2 15.5h5.2v-5.2h5.2" stroke="var(--ink)" />
          <path d="M12.4 10.3V5.1h9.1" stroke="var(--line-strong)" strokeDasharray="1.8 1.6" />
          <path d="M2.5 21.4h9.9" stroke="var(--azurite-fill)" />
          <path d="M12.4 21.4v-5.2h5.2v-5.2h4.4" stroke="var(--azurite-line)" strokeDasharray="1.8 1.6" />
        </svg>
        <h1 className="mt-5">{t("notFound.title")}</h1>
        <p className="mt-1.5 text-ink-2 text-prose">{t("notFound.body")}</p>
        {/* A plain link: what this page needs, every page carries (app/not-found.tsx). */}
        <a href="/rules" className={look({ variant: "primary", className: "mt-5" })}>
          {t("notFound.home")}
        </a>
      </div>
    </div>
  );
}
