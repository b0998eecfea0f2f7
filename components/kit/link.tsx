"use client";

import { useRouter } from "next/navigation";
import type { ComponentProps, MouseEvent } from "react";
import { intoView } from "./into-view.ts";

export interface LinkProps extends ComponentProps<"a"> {
  href: string;
  /** False: what is in sight stays there. */
  scroll?: boolean;
  /** It is the one of its row that counts: where the row scrolls sideways, it is in view. */
  chosen?: boolean;
}

/**
 * A link to a page of ours, and the only one (`.dependency-cruiser.cjs`). next/link asks the server about each link that comes into sight,
 * and about all of them again when the address changes. A list has a hundred, our pages are made for who asks at the moment of asking, and
 * nothing of such an answer is ever shown: it only stands in the way of the next page.
 */
export function Link({ href, scroll = true, chosen = false, onClick, ...rest }: LinkProps) {
  const router = useRouter();
  return (
    <a
      ref={chosen ? intoView : undefined}
      {...rest}
      href={href}
      onClick={(event) => {
        onClick?.(event);
        if (isPlain(event) && rest.download === undefined && isOurs(href)) {
          event.preventDefault();
          router.push(href, { scroll });
        }
      }}
    />
  );
}

/** Anything else is the browser's: another tab, another window, a download. */
function isPlain(event: MouseEvent<HTMLAnchorElement>): boolean {
  const { target } = event.currentTarget;
  const held = event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
  return !event.defaultPrevented && event.button === 0 && !held && (target === "" || target === "_self");
}

function isOurs(href: string): boolean {
  return /^[/?#](?!\/)/.test(href);
}
