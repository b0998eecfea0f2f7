"use client";

import type { InstanceRow } from "@/lib/schemas/instance.ts";
import { LimitsSettings } from "../limits/limits-settings.tsx";
import { InstanceForm } from "./instance-form.tsx";

/** What is stored, its limits included. */
export function EditInstanceForm({ instance }: { instance: InstanceRow }) {
  return (
    <InstanceForm instance={instance} more={(form) => <LimitsSettings instance={instance} {...form} />} />
  );
}
