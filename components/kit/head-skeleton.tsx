import { PageHead } from "./page-head.tsx";
import { Skeleton } from "./skeleton.tsx";

interface HeadSkeletonProps {
  /** The way here, as far as it is known before the thing itself is read. */
  crumbs: readonly { label: string; href?: string }[];
  /** What kind of page it is, for those who do not see the bars. */
  title: string;
}

/** Bars where the name of a detail and the line below it will be; the height of a real head. */
export function HeadSkeleton({ crumbs, title }: HeadSkeletonProps) {
  return (
    <PageHead
      line={false}
      crumbs={crumbs}
      title={
        <>
          <span className="sr-only">{title}</span>
          <span className="late flex h-7 items-center">
            <Skeleton width={220} height={18} />
          </span>
        </>
      }
      facts={
        <span className="late flex h-5 items-center">
          <Skeleton width={420} />
        </span>
      }
    />
  );
}
