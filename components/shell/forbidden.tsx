import clsx from "clsx";
import { Lock } from "lucide-react";
import { useTranslations } from "next-intl";
import type { Grant, InstanceGrants, InstanceOption } from "@/lib/schemas/instance.ts";
import { Avatar } from "../kit/avatar.tsx";
import { HealthShape } from "../kit/health-mark.tsx";
import { Link } from "../kit/link.tsx";
import { LinkButton } from "../kit/link-button.tsx";
import { CopyRequest } from "./copy-request-later.tsx";

interface ForbiddenProps {
  /** The page's own head stands above, with its title. */
  headed: boolean;
  username: string;
  /** Null: only root may. */
  grant: Grant | null;
  instance: string | null;
  held: InstanceGrants;
  /** Who can give it. */
  granters: readonly { username: string; displayName: string }[];
  others: readonly InstanceOption[];
}

export function Forbidden({ headed, username, grant, instance, held, granters, others }: ForbiddenProps) {
  const t = useTranslations("common");
  const words = useGrantWords();
  const wanted = grant ? t(`grant.${grant}`) : "";
  const has = words(held);
  const title = !grant
    ? t("forbidden.titleRoot")
    : instance
      ? t("forbidden.title", { instance, grant: wanted })
      : t("forbidden.titleAnywhere", { grant: wanted });
  const body = !grant
    ? t("forbidden.bodyRoot")
    : has
      ? t("forbidden.held", { held: has, grant: wanted })
      : t("forbidden.heldNone", { grant: wanted });
  const Title = headed ? "h2" : "h1";
  return (
    <div
      className={clsx(
        "flex flex-1 items-start justify-center px-6 pb-12 max-md:pt-10",
        headed ? "pt-[18vh] max-lg:pt-[8vh]" : "pt-[24vh] max-lg:pt-[12vh]",
      )}
    >
      <div className="grid w-full max-w-[760px] gap-x-14 gap-y-8 lg:grid-cols-[1fr_256px]">
        <div>
          <span className="inline-flex size-10 items-center justify-center rounded-sm bg-gamboge-soft text-gamboge-fg">
            <Lock aria-hidden className="size-4" />
          </span>
          <Title className="mt-5 text-title leading-[30px]">{title}</Title>
          <p className="wrap-anywhere mt-1.5 text-pretty break-keep text-ink-2 text-prose">{body}</p>
          <ul className="mt-5">
            {granters.map(({ username: name, displayName }) => (
              <li key={name} className="flex h-11 items-center gap-3 border-line border-t">
                <Avatar name={displayName || name} />
                {displayName && displayName !== name ? <span className="truncate">{displayName}</span> : null}
                <code className="text-ink-2">{name}</code>
                <span className="ml-auto text-ink-3 text-meta">{t("forbidden.root")}</span>
              </li>
            ))}
          </ul>
          <div className="mt-5 flex flex-wrap gap-3">
            {grant && instance ? (
              <CopyRequest user={username} instance={instance} grant={wanted} />
            ) : (
              <LinkButton href="/rules" variant="primary">
                {t("forbidden.home")}
              </LinkButton>
            )}
            {grant && instance ? <LinkButton href="/rules">{t("forbidden.switch")}</LinkButton> : null}
          </div>
        </div>
        {others.length > 0 ? (
          <div className="lg:pt-[60px]">
            <h2 className="mb-1 font-normal text-ink-3 text-meta">{t("forbidden.other")}</h2>
            <ul>
              {others.map((option) => (
                <li key={option.id} className="flex h-10 items-center gap-2 border-line border-t">
                  <HealthShape status={option.health} />
                  <Link href={`/rules?instance=${option.id}`} className="link truncate">
                    {option.name}
                  </Link>
                  <span className="ml-auto shrink-0 text-ink-3 text-meta">{words(option.grants)}</span>
                </li>
              ))}
            </ul>
          </div>
        ) : null}
      </div>
    </div>
  );
}

/** 查看、操作 — what is held in words; the level implies those below it. */
function useGrantWords(): (grants: InstanceGrants) => string {
  const t = useTranslations("common");
  return ({ level, receive }) =>
    [level ? t(`grant.${level}`) : null, receive ? t("grant.receive") : null]
      .filter(Boolean)
      .join(t("listSeparator"));
}
