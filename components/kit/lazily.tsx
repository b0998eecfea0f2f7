"use client";

import {
  type ComponentType,
  type ReactNode,
  Suspense,
  startTransition,
  use,
  useEffect,
  useState,
} from "react";
import { OnItsWay } from "./on-its-way.tsx";

/**
 * A component whose scripts come with its first use. The same as next/dynamic without what it brings to every page: preloading, and a choice
 * about the server. `layer`: it takes the focus when it comes; keys that are pressed before go to it.
 *
 * What the server drew stays until the scripts are there, whatever changes around it: React takes such a part off the page when it is
 * given anything new before it can be drawn, and a change in a transition would wait for it. So it is given nothing new until then.
 */
export function lazily<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
  { layer = false } = {},
): (props: Props) => ReactNode {
  const script = once(load);
  if (typeof window === "undefined") {
    // A document must not begin with a gap that scripts fill: the server has what a page may show before it is asked for it.
    // What fails then is loaded again where it is shown, and fails there.
    void script.come().catch(script.forget);
  }
  function Loaded(props: Props) {
    const Known = script.component() ?? use(script.come());
    return <Known {...props} />;
  }
  const draw = (props: Props) => (
    <Suspense fallback={<OnItsWay layer={layer} />}>
      <Loaded {...props} />
    </Suspense>
  );
  return function Lazily(props) {
    const [first] = useState(() => draw(props));
    const [here, setHere] = useState(() => script.component() !== null);
    useEffect(() => {
      if (!here) {
        // Where it fails, it says so in its place.
        script.come().then(
          () => startTransition(() => setHere(true)),
          () => undefined,
        );
      }
    }, [here]);
    return here ? draw(props) : first;
  };
}

/** What is loaded once, and then at hand without waiting. */
function once<Component>(load: () => Promise<Component>) {
  let coming: Promise<Component> | null = null;
  let component: Component | null = null;
  return {
    component: () => component,
    come: () => {
      coming ??= load().then((loaded) => {
        component = loaded;
        return loaded;
      });
      return coming;
    },
    forget: () => {
      coming = null;
    },
  };
}
