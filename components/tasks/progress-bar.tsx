import { TRANSFER_FILL } from "../status/fills.ts";

/** A thin bar that moves linearly over a second, the interval of updates. `text` is what it says to those who do not see it. */
export function ProgressBar({ percent, text, label }: { percent: number; text: string; label: string }) {
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
      aria-valuetext={text}
      className="h-1 w-full overflow-hidden rounded-xs bg-track"
    >
      <div
        className="h-full transition-[width] duration-1000 ease-linear motion-reduce:transition-none"
        style={{ width: `${percent}%`, background: TRANSFER_FILL.running }}
      />
    </div>
  );
}
