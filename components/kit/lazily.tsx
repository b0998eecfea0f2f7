"use client";

import { type ComponentType, lazy, type ReactNode, Suspense } from "react";
import { OnItsWay } from "./on-its-way.tsx";

/**
 * A component whose scripts come with its first use. The same as next/dynamic without what it brings to every page: preloading, and a choice
 * about the server. `layer`: it takes the focus when it comes; keys that are pressed before go to it.
 */
export function lazily<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
  { layer = false } = {},
): (props: Props) => ReactNode {
  const Loaded = lazy(async () => ({ default: await load() }));
  const known = typeof window === "undefined" ? knownOnServer(load) : null;
  return function Lazily(props) {
    const Known = known?.() ?? Loaded;
    return (
      <Suspense fallback={<OnItsWay layer={layer} />}>
        <Known {...props} />
      </Suspense>
    );
  };
}

/** A document must not begin with a gap that scripts fill: the server has what a page may show before it is asked for it. */
function knownOnServer<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
): () => ComponentType<Props> | null {
  let known: ComponentType<Props> | null = null;
  load().then(
    (component) => {
      known = component;
    },
    // It is loaded again where it is shown, and fails there.
    () => undefined,
  );
  return () => known;
}
