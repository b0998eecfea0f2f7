"use client";

import clsx from "clsx";
import { Search, X } from "lucide-react";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { useTranslations } from "next-intl";
import { useEffect, useRef, useState, useTransition } from "react";
import { useShortcuts } from "./shortcuts.tsx";

/** From a key to its request: rows are to follow a key within 300 ms, the request and the drawing included. */
const DEBOUNCE_MS = 100;

interface SearchFieldProps {
  /** Placeholder and accessible name: what is searched. */
  label: string;
  /** URL parameter that carries the text. */
  param?: string;
  size?: "sm" | "md";
  className?: string;
}

/** Searches as one types; the text lives in the URL, and `/` jumps here. */
export function SearchField({ label, param = "q", size = "md", className }: SearchFieldProps) {
  const t = useTranslations("common");
  const hint = useTranslations("shortcuts");
  const router = useRouter();
  const pathname = usePathname();
  const params = useSearchParams();
  const applied = params.get(param) ?? "";
  const [text, setText] = useState(applied);
  const [composing, setComposing] = useState(false);
  const [searching, startTransition] = useTransition();
  const input = useRef<HTMLInputElement>(null);
  const sent = useRef(applied);

  // The URL changed by other means (back, 清除筛选): follow it.
  useEffect(() => {
    if (applied !== sent.current) {
      sent.current = applied;
      setText(applied);
    }
  }, [applied]);

  useEffect(() => {
    // What an input method has not finished is no word yet.
    if (composing || text.trim() === sent.current) {
      return;
    }
    const timer = setTimeout(() => {
      sent.current = text.trim();
      const search = new URLSearchParams(params);
      search.delete("after");
      search.delete("before");
      if (sent.current) {
        search.set(param, sent.current);
      } else {
        search.delete(param);
      }
      startTransition(() => router.replace(`${pathname}?${search}`, { scroll: false }));
    }, DEBOUNCE_MS);
    return () => clearTimeout(timer);
  }, [text, composing, param, params, pathname, router]);

  useShortcuts([
    {
      keys: "/",
      label: hint("search"),
      group: "page",
      run: () => {
        input.current?.focus();
        input.current?.select();
      },
    },
  ]);

  return (
    <search className={className}>
      <span
        aria-busy={searching || undefined}
        className={clsx("control max-md:min-h-11", size === "sm" ? "h-7" : "h-8")}
      >
        <Search aria-hidden className="size-3.5 shrink-0 text-ink-3" />
        <input
          ref={input}
          type="search"
          aria-label={label}
          aria-keyshortcuts="/"
          placeholder={label}
          value={text}
          maxLength={128}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => setText(event.target.value)}
          onCompositionStart={() => setComposing(true)}
          onCompositionEnd={() => setComposing(false)}
          onKeyDown={(event) => {
            if (event.key === "Escape" && !event.nativeEvent.isComposing) {
              event.preventDefault();
              // Once empty, Esc leaves the field, so that single keys work again.
              if (text === "") {
                event.currentTarget.blur();
              }
              setText("");
            }
          }}
        />
        {text ? (
          <button
            type="button"
            aria-label={t("search.clear")}
            onClick={() => {
              setText("");
              input.current?.focus();
            }}
            className="-mr-1 flex size-6 items-center justify-center text-ink-3 hover:text-ink"
          >
            <X aria-hidden className="size-3.5" />
          </button>
        ) : (
          <kbd
            aria-hidden
            className="rounded-[3px] px-1 text-ink-3 text-micro shadow-[inset_0_0_0_1px_var(--line-strong)] max-md:hidden"
          >
            {"/"}
          </kbd>
        )}
      </span>
    </search>
  );
}
