import clsx from "clsx";

/**
 * A landscape in the old mineral colours, its edges stepped; the two stairs of the mark run along the middle ridge.
 * It stands on the sign-in and set-up pages and nowhere else.
 */
const RIDGES = [
  {
    fill: "oklch(0.285 0.046 243)",
    d: "M0 468H26V442H52V429H78V442H104V455H130V468H156V455H182V429H208V416H234V390H260V377H286V377H312V351H338V351H364V338H390V338H416V338H442V338H468V351H494V364H520V377H546V377H572V390H598V390H624V403V900H0Z",
  },
  {
    fill: "oklch(0.315 0.054 201)",
    d: "M0 559H26V572H52V559H78V559H104V546H130V559H156V585H182V572H208V559H234V533H260V520H286V494H312V507H338V494H364V481H390V507H416V481H442V468H468V468H494V494H520V481H546V468H572V468H598V468H624V481V900H0Z",
  },
  {
    fill: "oklch(0.345 0.063 243)",
    d: "M0 650H26V663H52V676H78V689H104V676H130V663H156V650H182V637H208V637H234V637H260V650H286V624H312V611H338V598H364V585H390V559H416V559H442V559H468V559H494V546H520V546H546V546H572V533H598V520H624V520V900H0Z",
  },
] as const;
const FRONT = [
  {
    fill: "oklch(0.375 0.072 191)",
    d: "M0 741H26V741H52V754H78V767H104V767H130V780H156V780H182V793H208V793H234V806H260V793H286V780H312V767H338V741H364V767H390V793H416V806H442V780H468V780H494V793H520V780H546V793H572V806H598V832H624V832V900H0Z",
  },
  {
    fill: "oklch(0.405 0.080 243)",
    d: "M0 845H26V858H52V858H78V845H104V845H130V845H156V858H182V845H208V832H234V819H260V793H286V767H312V754H338V741H364V741H390V728H416V741H442V715H468V715H494V715H520V702H546V702H572V702H598V715H624V715V900H0Z",
  },
] as const;
const STAIR =
  "M0 650H26V663H52V676H78V689H104V676H130V663H156V650H182V637H208V637H234V637H260V650H286V624H312V611H338V598H364V585H390V559H416V559H442V559H468V559H494V546H520V546H546V546H572V533H598V520H624V520";

/** `low`: only the lower part, under a list of steps. On a narrow screen a strip at the foot, without the far ridge. */
export function Ridges({ low = false }: { low?: boolean }) {
  return (
    <>
      <Landscape
        viewBox={low ? "0 330 616 570" : "0 0 616 900"}
        ridges={RIDGES}
        className={clsx("max-md:hidden", low ? "inset-x-0 bottom-0 h-[46%] w-full" : "inset-0 size-full")}
      />
      <Landscape
        viewBox="0 455 616 240"
        ridges={RIDGES.slice(1)}
        className="inset-x-0 bottom-0 w-full md:hidden"
      />
    </>
  );
}

interface LandscapeProps {
  viewBox: string;
  ridges: readonly { fill: string; d: string }[];
  className: string;
}

function Landscape({ viewBox, ridges, className }: LandscapeProps) {
  const stair = { d: STAIR, fill: "none", strokeWidth: "2.5" };
  return (
    <svg
      viewBox={viewBox}
      preserveAspectRatio="xMidYMax slice"
      aria-hidden="true"
      className={clsx("absolute", className)}
    >
      {ridges.map(({ fill, d }) => (
        <path key={fill} d={d} fill={fill} />
      ))}
      <path {...stair} transform="translate(0 -19.5)" stroke="oklch(0.955 0.007 95)" />
      <path {...stair} transform="translate(0 -6.5)" stroke="oklch(0.7 0.118 237)" />
      {FRONT.map(({ fill, d }) => (
        <path key={fill} d={d} fill={fill} />
      ))}
    </svg>
  );
}
