/** The cookie in which the browser keeps the instance whose rules were looked at last. */
export const LAST_INSTANCE_COOKIE = "lockstep-instance";

/**
 * The instance that 实例同步 opens without one in the URL: the last one, if the visitor may still view it, else the first that they
 * may view. Undefined: there is none.
 */
export function instanceToOpen<Option extends { id: string; grants: { level: unknown } }>(
  options: readonly Option[],
  last: string | null,
): Option | undefined {
  const viewed = options.filter(({ grants }) => grants.level !== null);
  return viewed.find(({ id }) => id === last) ?? viewed[0];
}
