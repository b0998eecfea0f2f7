export interface Difference {
  field: string;
  theirs: string;
  mine: string;
}

interface DifferenceTableProps {
  /** What stands above the columns. */
  heads: Difference;
  differences: readonly Difference[];
}

/** Field by field, what somebody else saved beside what was typed here. */
export function DifferenceTable({ heads, differences }: DifferenceTableProps) {
  return (
    <table className="mt-1 w-full table-fixed">
      <thead>
        <tr className="text-left text-ink-3">
          <th scope="col" className="w-24 font-normal">
            {heads.field}
          </th>
          <th scope="col" className="font-normal">
            {heads.theirs}
          </th>
          <th scope="col" className="font-normal">
            {heads.mine}
          </th>
        </tr>
      </thead>
      <tbody>
        {differences.map(({ field, theirs, mine }) => (
          <tr key={field} className="align-top">
            <th scope="row" className="pr-2 text-left font-normal">
              {field}
            </th>
            <td className="pr-2 wrap-anywhere">{theirs}</td>
            <td className="wrap-anywhere">{mine}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
