"use client";

import { Plus, X } from "lucide-react";
import { useTranslations } from "next-intl";
import { useRef } from "react";
import type { InstanceOption } from "@/lib/schemas/instance.ts";
import { Button } from "../kit/button.tsx";
import { Field } from "../kit/field.tsx";
import { HealthShape } from "../kit/health-mark.tsx";
import { Select } from "../kit/select.tsx";
import { FieldPair } from "./field-pair.tsx";
import { NamespaceField } from "./namespace-field.tsx";
import { ROOT, type TargetDraft } from "./rule-draft.ts";

const MOST_TARGETS = 20;

interface TargetFieldsProps {
  targets: readonly TargetDraft[];
  /** Instances that the user may write to, and those the rule names already. */
  options: readonly InstanceOption[];
  sourceNamespace: string;
  errorOf: (path: string) => string | undefined;
  check: (path: string) => void;
  onChange: (targets: TargetDraft[]) => void;
}

/** One or more places: an instance and a namespace there; blank is the name of the source. */
export function TargetFields(props: TargetFieldsProps) {
  const { targets, options, sourceNamespace, errorOf, check, onChange } = props;
  const t = useTranslations("rules.form");
  const change = (index: number, changed: Partial<TargetDraft>) =>
    onChange(targets.map((target, at) => (at === index ? { ...target, ...changed } : target)));
  const nextKey = Math.max(...targets.map(({ key }) => key), 0) + 1;
  const all = useRef<HTMLDivElement>(null);
  // Where the work goes on: at the new target, or, when one has gone with its button, at adding another.
  const focus = (selector: string) =>
    requestAnimationFrame(() => all.current?.querySelector<HTMLElement>(selector)?.focus());
  const add = () => {
    onChange([...targets, { key: nextKey, instanceId: "", namespace: "" }]);
    focus(`[data-target="${targets.length}"] button`);
  };
  const remove = (index: number) => {
    onChange(targets.filter((_, at) => at !== index));
    focus("[data-add] button");
  };
  return (
    <div ref={all} className="contents">
      {targets.map((target, index) => (
        <div key={target.key} data-target={index} className="contents">
          <TargetLine
            target={target}
            explained={index === 0}
            options={options}
            sourceNamespace={sourceNamespace}
            errorOf={(field) => errorOf(`targets.${index}.${field}`)}
            onLeave={(field) => check(`targets.${index}.${field}`)}
            onChange={(changed) => change(index, changed)}
            onRemove={targets.length > 1 ? () => remove(index) : null}
          />
        </div>
      ))}
      {targets.length < MOST_TARGETS ? (
        <div data-add className="md:pl-[calc(var(--label-w)+12px)]">
          <Button variant="quiet" size="sm" icon={<Plus aria-hidden />} onClick={add}>
            {t("addTarget")}
          </Button>
        </div>
      ) : null}
    </div>
  );
}

interface TargetLineProps {
  target: TargetDraft;
  /** The first target's hints count for all: six targets would say the same six times. */
  explained: boolean;
  options: readonly InstanceOption[];
  sourceNamespace: string;
  errorOf: (field: "instanceId" | "namespace") => string | undefined;
  onLeave: (field: "namespace") => void;
  onChange: (changed: Partial<TargetDraft>) => void;
  onRemove: (() => void) | null;
}

function TargetLine(props: TargetLineProps) {
  const { target, explained, options, sourceNamespace, errorOf, onLeave, onChange, onRemove } = props;
  const t = useTranslations("rules.form");
  const chosen = options.find(({ id }) => id === target.instanceId);
  const same = sourceNamespace.trim();
  const name = same === ROOT ? t("rootName") : same;
  // The root is always there.
  const named = same === ROOT ? "targetNamespaceHintRoot" : "targetNamespaceHint";
  const namespaceHint = name === "" ? t("targetNamespaceHintEmpty") : t(named, { ns: name });
  return (
    <FieldPair>
      <Field
        label={t("targetInstance")}
        required
        error={errorOf("instanceId")}
        hint={explained ? t("targetInstanceHint") : null}
      >
        <span className="flex items-center gap-1">
          <Select
            value={target.instanceId}
            placeholder={t("chooseTarget")}
            onValueChange={(instanceId) => onChange({ instanceId })}
            className="w-full"
            options={options.map((option) => ({
              value: option.id,
              label: (
                <span className="flex items-center gap-2">
                  <HealthShape status={option.health} />
                  <span className="shrink-0">{option.name}</span>
                  <code className="truncate text-ink-3">{option.host}</code>
                </span>
              ),
            }))}
          />
          {onRemove ? (
            <Button
              variant="quiet"
              aria-label={t("removeTarget", { name: chosen?.name ?? "" })}
              icon={<X aria-hidden />}
              onClick={onRemove}
            />
          ) : null}
        </span>
      </Field>
      <NamespaceField
        label={t("targetNamespace")}
        hint={explained ? namespaceHint : null}
        placeholder={name === "" ? t("sameAsSource") : name}
        instanceId={target.instanceId}
        mayList={chosen?.grants.level === "manage"}
        value={target.namespace}
        error={errorOf("namespace")}
        onBlur={() => onLeave("namespace")}
        onChange={(namespace) => onChange({ namespace })}
      />
    </FieldPair>
  );
}
