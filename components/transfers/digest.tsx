"use client";

import { useTranslations } from "next-intl";
import { CopyButton } from "../kit/copy-button.tsx";
import { Tooltip } from "../kit/tooltip.tsx";

/** `sha256:9b1c04…e27f58`: cut in the middle, whole on hover and focus, and whole when copied. */
export function Digest({ digest }: { digest: string }) {
  const t = useTranslations("transfers");
  const [algorithm, hex = ""] = digest.split(":");
  return (
    <span className="inline-flex items-center gap-0.5 whitespace-nowrap text-ink-3">
      <Tooltip content={<code>{digest}</code>}>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the whole digest must be reachable by keyboard */}
        <code tabIndex={0}>
          {hex.length > 16 ? `${algorithm}:${hex.slice(0, 6)}…${hex.slice(-6)}` : digest}
        </code>
      </Tooltip>
      <CopyButton value={digest} label={t("copyDigest")} />
    </span>
  );
}
