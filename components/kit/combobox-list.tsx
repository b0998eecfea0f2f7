"use client";

import clsx from "clsx";
import { Check } from "lucide-react";
import { useTranslations } from "next-intl";
import { type ReactNode, type RefObject, useEffect, useLayoutEffect, useRef } from "react";
import { createPortal } from "react-dom";

export interface ComboboxOption {
  value: string;
  label?: string;
  note?: ReactNode;
}

interface ComboboxListProps {
  id: string;
  anchor: RefObject<HTMLElement | null>;
  options: readonly ComboboxOption[];
  /** Which of them Enter chooses. */
  at: number;
  value: string;
  status: ReactNode;
  mono: boolean;
  onChoose: (option: ComboboxOption) => void;
}

const GAP = 4;
const MARGIN = 8;
const MAX_HEIGHT = 256;

/** Below its field and as wide, above where there is more room. */
export function ComboboxList({ id, anchor, options, at, value, status, mono, onChoose }: ComboboxListProps) {
  const t = useTranslations("common");
  const box = useRef<HTMLDivElement>(null);
  usePlace(box, anchor);
  useEffect(() => {
    document.getElementById(`${id}-${at}`)?.scrollIntoView({ block: "nearest" });
  }, [id, at]);
  return createPortal(
    // biome-ignore lint/a11y/noStaticElementInteractions: a press on it leaves the focus in the field
    <div
      ref={box}
      onMouseDown={(event) => event.preventDefault()}
      className="pop fixed z-50 overflow-y-auto rounded-md bg-surface py-1 text-ink shadow-pop"
    >
      {options.length === 0 || status ? (
        <div role="status" className="px-3 py-1.5 text-ink-3 text-meta">
          {status ?? t("combobox.none")}
        </div>
      ) : null}
      <div id={id} role="listbox" aria-label={t("combobox.list")}>
        {options.map((option, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/useFocusableInteractive: the field has the focus and its keys walk the list
          <div
            key={option.value}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === at}
            onClick={() => onChoose(option)}
            className={clsx(
              "flex min-h-8 items-center gap-2 px-3 hover:bg-hover max-md:min-h-11",
              index === at && "bg-hover",
            )}
          >
            <span className={clsx("truncate", mono && "font-mono text-[12px]")}>
              {option.label ?? option.value}
            </span>
            {option.note ? <span className="text-ink-3 text-meta">{option.note}</span> : null}
            {option.value === value ? (
              <Check aria-hidden className="ml-auto size-3.5 shrink-0 text-azurite-fg" />
            ) : null}
          </div>
        ))}
      </div>
    </div>,
    document.body,
  );
}

/** Follows its field while the page is scrolled or resized. */
function usePlace(box: RefObject<HTMLElement | null>, anchor: RefObject<HTMLElement | null>): void {
  useLayoutEffect(() => {
    const place = () => {
      const field = anchor.current?.getBoundingClientRect();
      if (!box.current || !field) {
        return;
      }
      const below = window.innerHeight - field.bottom - GAP - MARGIN;
      const above = field.top - GAP - MARGIN;
      const upwards = below < Math.min(MAX_HEIGHT, box.current.scrollHeight) && above > below;
      Object.assign(box.current.style, {
        left: `${field.left}px`,
        width: `${field.width}px`,
        maxHeight: `${Math.min(MAX_HEIGHT, upwards ? above : below)}px`,
        top: upwards ? "auto" : `${field.bottom + GAP}px`,
        bottom: upwards ? `${window.innerHeight - field.top + GAP}px` : "auto",
      });
    };
    place();
    window.addEventListener("resize", place);
    document.addEventListener("scroll", place, { capture: true, passive: true });
    return () => {
      window.removeEventListener("resize", place);
      document.removeEventListener("scroll", place, { capture: true });
    };
  });
}
