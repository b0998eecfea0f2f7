import type { ReactNode } from "react";
import { Forbidden } from "@/components/shell/forbidden.tsx";
import { authorize } from "@/lib/auth/authorize.ts";
import { missingGrant } from "@/lib/auth/page.ts";
import { listInstanceOptions } from "@/lib/data/instance-options.ts";
import { GRANTS, type Grant, type InstanceOption } from "@/lib/schemas/instance.ts";

interface PageForbiddenProps {
  /** What of the page stands above it, for the instance that the grant is missing on; null: it has no head. */
  head: (instance: InstanceOption | null) => Promise<ReactNode>;
}

/** Which grant is missing, what the user does hold, who can give it, and where else to go. */
export async function PageForbidden({ head }: PageForbiddenProps) {
  const [missing, actor] = await Promise.all([missingGrant(), authorize("instance:list")]);
  const { grant, instance } = missing.values ?? {};
  const options = await listInstanceOptions(actor);
  const place = options.find((option) => option.name === instance);
  const above = await head(place ?? null);
  return (
    <>
      {above}
      <Forbidden
        headed={above !== null}
        username={actor.user.username}
        grant={GRANTS.find((known): known is Grant => known === grant) ?? null}
        instance={instance === undefined ? null : String(instance)}
        held={place?.grants ?? { level: null, receive: false }}
        granters={missing.granters}
        // One that may only be written to would be refused just the same.
        others={options.filter(({ id, grants }) => id !== place?.id && grants.level !== null).slice(0, 5)}
      />
    </>
  );
}
