import { RULE_COLUMNS, type RuleColumn, USUAL_COLUMNS } from "@/lib/schemas/words.ts";

/** Text shares what there is, marks have their width. Below 1024 px some columns find no room. */
const WIDTH: Record<RuleColumn, string> = {
  place: "w-[19%] lg:w-[14.5%]",
  selection: "w-[18.5%] lg:w-[14.5%]",
  trigger: "w-[100px] max-lg:hidden",
  created: "w-[96px]",
  lastTask: "w-[22%] lg:w-[16.5%] xl:w-[15%]",
  success: "w-[135px] max-lg:hidden",
  enabled: "w-[50px]",
};

/** The columns that a URL asks for; without a word the usual ones. */
export function columnsOf(columns: string | undefined): readonly RuleColumn[] {
  return columns === undefined
    ? USUAL_COLUMNS
    : RULE_COLUMNS.filter((column) => columns.split(",").includes(column));
}

/** The parameter that asks for these columns; null for the usual ones. */
export function columnsParam(shown: readonly RuleColumn[]): string | null {
  const names = RULE_COLUMNS.filter((column) => shown.includes(column));
  const usual = names.length === USUAL_COLUMNS.length && names.every((name) => USUAL_COLUMNS.includes(name));
  return usual ? null : names.join(",") || "none";
}

/** Of the box, the name, the columns shown and the actions; the name takes the rest. */
export function columnClasses(shown: readonly RuleColumn[]): string[] {
  return ["w-12", "", ...shown.map((column) => WIDTH[column]), "w-16 xl:w-32 min-[87.5rem]:w-[212px]"];
}

/** Of a head and a cell of a column: away where the column is. An article below 768 px shows the strip again. */
export const NARROW: Partial<Record<RuleColumn, { head: string; cell: string }>> = {
  trigger: { head: "max-lg:hidden", cell: "max-lg:hidden!" },
  success: { head: "max-lg:hidden", cell: "md:max-lg:hidden" },
};
