import { Box, Layers, type LucideIcon, ShipWheel } from "lucide-react";
import type { ResourceType } from "@/lib/schemas/words.ts";

export const TYPE_ICON: Record<ResourceType, LucideIcon> = { image: Box, chart: ShipWheel, all: Layers };
