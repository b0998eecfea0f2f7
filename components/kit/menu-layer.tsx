"use client";

import clsx from "clsx";
import { Check } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { useEffect, useRef } from "react";
import { Link } from "./link.tsx";
import type { MenuItem, MenuProps } from "./menu-items.ts";

const ITEM =
  "flex min-h-8 items-center gap-2 px-3 outline-none data-highlighted:bg-hover max-md:min-h-11 [&_svg]:size-3.5";

interface MenuLayerProps extends MenuProps {
  /** How it was opened before it was loaded: by keyboard, the first entry has the focus. */
  openedBy: "pointer" | "keyboard";
}

/** Open when it appears: menu.tsx loads it with the first press. */
export function MenuLayer({ trigger, items, align = "end", side = "bottom", openedBy }: MenuLayerProps) {
  const content = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const frame = requestAnimationFrame(() => {
      if (openedBy === "keyboard") {
        content.current?.querySelector<HTMLElement>("[role^=menuitem]")?.focus();
      }
    });
    return () => cancelAnimationFrame(frame);
  }, [openedBy]);
  return (
    // Not modal: what a modal one hides from readers is the whole page, with the focusable in it.
    <DropdownMenu.Root defaultOpen modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      {/* Within the main landmark: nothing stands outside of all of them. */}
      <DropdownMenu.Portal container={document.getElementById("main")}>
        <DropdownMenu.Content
          ref={content}
          align={align}
          side={side}
          sideOffset={6}
          collisionPadding={8}
          className="pop z-50 min-w-40 rounded-md bg-surface py-1 text-ink shadow-pop"
        >
          {(typeof items === "function" ? items() : items).map((item, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a menu is a fixed list
            <MenuEntry key={index} item={item} />
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

function MenuEntry({ item }: { item: MenuItem }) {
  if (item.kind === "separator") {
    return <DropdownMenu.Separator className="my-1 h-px bg-line" />;
  }
  if (item.kind === "check") {
    return (
      <DropdownMenu.CheckboxItem
        checked={item.checked}
        onCheckedChange={item.onChange}
        onSelect={(event) => event.preventDefault()}
        className={ITEM}
      >
        <span className="flex size-3.5 items-center justify-center">
          <DropdownMenu.ItemIndicator>
            <Check aria-hidden className="text-azurite-fg" />
          </DropdownMenu.ItemIndicator>
        </span>
        {item.label}
      </DropdownMenu.CheckboxItem>
    );
  }
  if (item.kind === "link") {
    return (
      <DropdownMenu.Item asChild>
        <Link
          href={item.href}
          aria-current={item.current ? "page" : undefined}
          className={clsx(ITEM, "aria-[current]:bg-selected aria-[current]:font-medium")}
        >
          {item.icon}
          {item.label}
        </Link>
      </DropdownMenu.Item>
    );
  }
  return (
    <DropdownMenu.Item
      aria-disabled={item.disabledReason ? true : undefined}
      onSelect={(event) => {
        if (item.disabledReason) {
          event.preventDefault();
        } else {
          item.onSelect();
        }
      }}
      className={clsx(
        ITEM,
        item.disabledReason ? "text-ink-disabled" : item.danger && "text-cinnabar-fg",
        item.disabledReason && "flex-col items-start! gap-0! py-1.5",
      )}
    >
      <span className="flex items-center gap-2">
        {item.icon}
        {item.label}
      </span>
      {item.disabledReason ? <span className="text-ink-3 text-meta">{item.disabledReason}</span> : null}
    </DropdownMenu.Item>
  );
}
