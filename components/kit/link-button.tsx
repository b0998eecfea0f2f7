import type { ComponentProps } from "react";
import { type Look, look } from "./button-look.ts";
import { Link } from "./link.tsx";

/** A link that looks like a button. It runs on the server too: pages that only link carry no script for it. */
export function LinkButton({
  variant,
  size,
  icon,
  className,
  children,
  ...rest
}: ComponentProps<typeof Link> & Look) {
  return (
    <Link {...rest} className={look({ variant, size, iconOnly: !children, className })}>
      {icon}
      {children}
    </Link>
  );
}
