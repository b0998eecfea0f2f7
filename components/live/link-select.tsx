"use client";

import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { searchHref } from "@/lib/format/search-href.ts";
import { Select } from "../kit/select.tsx";
import type { SelectOption } from "../kit/select-options.ts";

/** A filter of the URL as a drop-down; the first choice, all, takes the parameter away. */
export function LinkSelect({
  param,
  label,
  all,
  options,
}: {
  param: string;
  label: string;
  all: string;
  options: readonly SelectOption[];
}) {
  const router = useRouter();
  const pathname = usePathname();
  const params = useSearchParams();
  return (
    <Select
      size="sm"
      label={label}
      value={params.get(param) ?? ""}
      onValueChange={(value) =>
        router.push(searchHref(pathname, params.toString(), { [param]: value || null }), { scroll: false })
      }
      options={[{ value: "", label: all }, ...options]}
    />
  );
}
