import { Forbidden } from "@/components/shell/forbidden.tsx";
import { authorize } from "@/lib/auth/authorize.ts";
import { missingGrant } from "@/lib/auth/page.ts";
import { listInstanceOptions } from "@/lib/data/instance-options.ts";
import { GRANTS, type Grant } from "@/lib/schemas/instance.ts";

/** Which grant is missing, what the user does hold, who can give it, and where else to go. */
export async function PageForbidden() {
  const [missing, actor] = await Promise.all([missingGrant(), authorize("instance:list")]);
  const { grant, instance } = missing.values ?? {};
  const options = await listInstanceOptions(actor);
  const place = options.find((option) => option.name === instance);
  return (
    <Forbidden
      username={actor.user.username}
      grant={GRANTS.find((known): known is Grant => known === grant) ?? null}
      instance={instance === undefined ? null : String(instance)}
      held={place?.grants ?? { level: null, receive: false }}
      granters={missing.granters}
      // One that may only be written to would be refused just the same.
      others={options.filter(({ id, grants }) => id !== place?.id && grants.level !== null).slice(0, 5)}
    />
  );
}
