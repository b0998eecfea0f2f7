"use client";

import { ChevronDown } from "lucide-react";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { keepingPage, searchHref } from "@/lib/format/search-href.ts";
import type { InstanceName } from "@/lib/schemas/task.ts";
import { InstancePicker } from "./instance-picker.tsx";

interface InstanceFilterProps {
  /** Of the URL. */
  param: string;
  label: string;
  /** The choice that takes the parameter away. */
  all: string;
  /** What the URL names, as far as the viewer may know it. */
  chosen: InstanceName | null;
  except?: string | undefined;
  /** It chooses what is shown of each row, not which rows. */
  keepsPage?: boolean;
}

/** A filter of the URL by an instance: it brings none along but the one that is chosen. */
export function InstanceFilter({
  param,
  label,
  all,
  chosen,
  except,
  keepsPage = false,
}: InstanceFilterProps) {
  const router = useRouter();
  const pathname = usePathname();
  const params = useSearchParams();
  const hrefOf = keepsPage ? keepingPage : searchHref;
  return (
    <InstancePicker
      label={label}
      current={chosen?.id ?? ""}
      all={all}
      except={except}
      trigger={{
        role: "combobox",
        "aria-label": label,
        className: "control h-7 text-left max-md:min-h-11",
        children: (
          <>
            <span className="min-w-0 truncate">{chosen?.name ?? all}</span>
            <ChevronDown aria-hidden className="ml-auto size-3.5 shrink-0 text-ink-3" />
          </>
        ),
      }}
      onChoose={(id) =>
        router.push(hrefOf(pathname, params.toString(), { [param]: id || null }), { scroll: false })
      }
    />
  );
}
