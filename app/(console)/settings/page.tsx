import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { consolePage } from "@/app/console-page.tsx";
import { PasswordForm } from "@/components/account/password-form.tsx";
import { PageHead } from "@/components/kit/page-head.tsx";
import { Tabs } from "@/components/kit/tabs.tsx";
import { Appearance } from "@/components/settings/appearance.tsx";
import { SessionList } from "@/components/settings/session-list.tsx";
import { SettingsSection } from "@/components/settings/setting.tsx";
import { SystemSections } from "@/components/settings/system-sections.tsx";
import type { Actor } from "@/lib/auth/actor.ts";
import { authorize } from "@/lib/auth/authorize.ts";
import { authorizePage } from "@/lib/auth/page.ts";
import { currentUser, IDLE_TIMEOUT_S } from "@/lib/auth/session.ts";
import { listOwnSessions } from "@/lib/data/sessions.ts";
import { systemFacts } from "@/lib/data/settings.ts";
import { SettingsQuery } from "@/lib/schemas/settings.ts";
import { systemSettings } from "./system-settings.ts";

const pageTitle = async () => (await getTranslations("settings"))("title");

export async function generateMetadata(): Promise<Metadata> {
  return { title: await pageTitle() };
}

interface SettingsPageProps {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

async function SettingsPage({ searchParams }: SettingsPageProps) {
  const { view } = SettingsQuery.parse(await searchParams);
  const system = view === "system";
  // What is asked for decides: the system's part is root's.
  const actor = system ? await authorizePage("settings:view") : await authorizePage("account:view");
  const t = await getTranslations("settings");
  const root = actor.user.role === "root";
  return (
    <>
      <PageHead title={t("title")} beside={<Who actor={actor} />} line={!root} />
      {root ? (
        <Tabs
          label={t("tabs.label")}
          items={[
            { href: "/settings", label: t("tabs.personal"), current: !system },
            { href: "/settings?view=system", label: t("tabs.system"), current: system },
          ]}
        />
      ) : null}
      {await (system ? System() : Personal())}
    </>
  );
}

async function Who({ actor }: { actor: Actor }) {
  const t = await getTranslations("auth.account.roleName");
  return (
    <span className="text-ink-3">
      <code>{actor.user.username}</code>
      <span className="sep">{"·"}</span>
      {t(actor.user.role === "root" ? "root" : "sub-account")}
    </span>
  );
}

async function Personal() {
  const [actor, user, t] = await Promise.all([
    authorize("account:view"),
    currentUser(),
    getTranslations("settings"),
  ]);
  const sessions = await listOwnSessions(actor, {
    current: user?.sessionHash ?? "",
    idleTimeoutS: IDLE_TIMEOUT_S,
  });
  return (
    <>
      <SettingsSection id="appearance" title={t("appearance.title")}>
        <Appearance shortcuts={user?.preferences.shortcuts ?? true} />
      </SettingsSection>
      <SettingsSection id="password" title={t("password.title")} body={t("password.body")}>
        <PasswordForm username={actor.user.username} />
      </SettingsSection>
      <SettingsSection id="sessions" title={t("sessions.title")} body={t("sessions.body")}>
        <SessionList sessions={sessions} />
      </SettingsSection>
    </>
  );
}

async function System() {
  const facts = await systemFacts(await authorize("settings:view"));
  return <SystemSections facts={facts} settings={systemSettings()} nowMs={Date.now()} />;
}

SettingsPage.heading = pageTitle;

export default consolePage(SettingsPage, [
  "auth.account",
  "auth.newPassword",
  "settings.appearance",
  "settings.sessions",
  "validation",
]);
