import { type ReactNode, useEffect, useRef } from 'react';

/** A dialog of the browser: it traps the focus, makes the page behind inert, and gives the focus back. */
export function Dialog({
  label,
  className,
  close,
  children,
}: {
  readonly label: string;
  readonly className: string;
  readonly close: () => void;
  readonly children: ReactNode;
}) {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = element.current;
    const before = document.activeElement;
    dialog?.showModal();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    // Escape closes it by itself; a click beside it is a second way for those who point.
    // biome-ignore lint/a11y/useKeyWithClickEvents: see above
    <dialog
      ref={element}
      aria-label={label}
      className={className}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onClick={(event) => {
        if (event.target === element.current) close();
      }}
    >
      {children}
    </dialog>
  );
}
