import { createElement, type SVGProps } from "react";

interface DrawnProps extends SVGProps<SVGSVGElement> {
  /** px */
  size?: number;
}

/** An icon of 24 by 24 that is one line (scripts/icons/lucide-loader.mjs). Hidden from readers unless it has a name. */
export function drawnIcon(d: string) {
  return function DrawnIcon({ size = 24, strokeWidth = 2, className, ...rest }: DrawnProps) {
    return createElement(
      "svg",
      {
        width: size,
        height: size,
        viewBox: "0 0 24 24",
        strokeWidth,
        "aria-hidden": rest["aria-label"] ? undefined : true,
        ...rest,
        className: className ? `drawn ${className}` : "drawn",
      },
      createElement("path", { d }),
    );
  };
}
