"use client";

import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { checkInstanceAction } from "@/lib/actions/instances.ts";
import { showToast } from "../kit/toast.tsx";
import { useQueryClient } from "../live/query.tsx";
import { queryKeys } from "../live/query-keys.ts";
import { useAction } from "../live/use-action.ts";
import { useReportSentence } from "./connection-sentence.ts";

/** 测试连接 of a registered instance: measures, stores the health, and says the result in a toast. */
export function useCheckInstance({ id, name, host }: { id: string; name: string; host: string }) {
  const t = useTranslations("instances");
  const router = useRouter();
  const client = useQueryClient();
  const sentence = useReportSentence();
  const { run, busy } = useAction(checkInstanceAction);
  const check = async () => {
    const report = await run({ instanceId: id });
    if (report) {
      const result = sentence(name, report, host);
      showToast({
        tone: report.ok ? "success" : "failed",
        message: report.ok ? t("test.toast", { name, result }) : result,
      });
      await client.invalidateQueries({ queryKey: queryKeys.instances() });
      router.refresh();
    }
  };
  return { check, busy };
}
