/** An icon of the sprite; always beside words or a label, so it is hidden from those who listen. */
export function Icon({ name, small = false }: { readonly name: string; readonly small?: boolean }) {
  return (
    <svg className={small ? 'i s' : 'i'} aria-hidden="true">
      <use href={`#${name}`} />
    </svg>
  );
}
