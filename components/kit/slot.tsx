"use client";

import {
  cloneElement,
  type HTMLAttributes,
  isValidElement,
  type ReactNode,
  type Ref,
  type SyntheticEvent,
} from "react";

type Handler = (event: SyntheticEvent) => void;

interface SlotProps extends HTMLAttributes<HTMLElement> {
  children: ReactNode;
  ref?: Ref<HTMLElement>;
}

/** Gives its one child more: handlers run after the child's own, everything else yields to what the child has. */
export function Slot({ children, ref, ...more }: SlotProps) {
  if (!isValidElement<Record<string, unknown>>(children)) {
    return children;
  }
  const own = children.props;
  const merged = Object.fromEntries(
    Object.entries(more).map(([name, value]) => [
      name,
      /^on[A-Z]/.test(name) && own[name]
        ? both(own[name] as Handler, value as Handler)
        : (own[name] ?? value),
    ]),
  );
  return cloneElement(children, {
    ...merged,
    ref: ref && own.ref ? joined(own.ref as Ref<HTMLElement>, ref) : (ref ?? own.ref),
  });
}

const both =
  (first: Handler, then: Handler): Handler =>
  (event) => {
    first(event);
    then(event);
  };

const joined =
  (...refs: Ref<HTMLElement>[]) =>
  (element: HTMLElement | null) => {
    for (const ref of refs) {
      if (typeof ref === "function") {
        ref(element);
      } else if (ref) {
        ref.current = element;
      }
    }
  };
