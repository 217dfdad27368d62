import { count } from '../evidence/numbers.ts';

/** Rows broken to the left and fixed to the right of one line. */
export function FixedBroken({ fixed, broken }: { readonly fixed: number; readonly broken: number }) {
  const most = Math.max(1, fixed, broken);
  const width = (value: number) => (value === 0 ? 0 : Math.max(2, (value / most) * 30));
  return (
    <span className="fb">
      <span className="ru n">{count(broken)}</span>
      <svg width={66} height={14} aria-hidden="true">
        <rect x={32 - width(broken)} y={2} width={width(broken)} height={10} className="f-ru" />
        <path d="M33 0V14" className="s-line2" />
        <rect x={34} y={2} width={width(fixed)} height={10} className="f-st" />
      </svg>
      <span className="st n">{count(fixed)}</span>
      <span className="sr">
        {count(broken)} broken, {count(fixed)} fixed
      </span>
    </span>
  );
}
