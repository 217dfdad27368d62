import { useQuery } from '@tanstack/react-query';
import { Link, Outlet, useLocation, useNavigate } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense, useCallback, useMemo, useState } from 'react';
import type { RunList, WorkspaceView } from '../../../src/server/views.ts';
import { get } from '../api.ts';
import { bytes, count } from '../evidence/numbers.ts';
import { type BindingName, bindings, keyLabels, useKeys } from '../keys/keys.ts';
import { Icon } from './icon.tsx';
import { places } from './places.ts';
import { ShellContext } from './shell-context.ts';

const Palette = lazy(() => import('./palette.tsx').then(({ Palette: it }) => ({ default: it })));
const KeysDialog = lazy(() => import('./keys-dialog.tsx').then(({ KeysDialog: it }) => ({ default: it })));

/** Everything around a page: places, the running job, the keys of the page, palette and theme. */
export function Shell() {
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const [overlay, setOverlay] = useState<'palette' | 'keys' | undefined>();
  const [footer, setFooter] = useState<readonly BindingName[]>([]);
  const [crumbs, setCrumbs] = useState<ReactNode>(null);
  const { data: workspace, failureCount } = useQuery({
    queryKey: ['workspace'],
    queryFn: ({ signal }) => get<WorkspaceView>('/workspace', signal),
    refetchInterval: 3_000,
  });
  const { data: runs } = useQuery({
    queryKey: ['runs'],
    queryFn: ({ signal }) => get<RunList>('/runs', signal),
    refetchInterval: ({ state }) =>
      state.data?.runs.some(({ status }) => status === 'active') ? 2_000 : 4_000,
  });
  const close = useCallback(() => setOverlay(undefined), []);
  useKeys(
    {
      palette: () => setOverlay('palette'),
      help: () => setOverlay('keys'),
      theme: switchTheme,
      back: () => window.history.back(),
      forward: () => window.history.forward(),
      goRuns: () => navigate({ to: '/runs' }),
      goPlayground: () => navigate({ to: '/playground' }),
      goPrompts: () => navigate({ to: '/prompts' }),
      goDatasets: () => navigate({ to: '/datasets' }),
      goSettings: () => navigate({ to: '/settings' }),
    },
    overlay === undefined,
  );
  const context = useMemo(() => ({ setFooter, setCrumbs, openPalette: () => setOverlay('palette') }), []);
  const running = runs?.runs.find(({ status }) => status === 'active');
  const counts: Readonly<Record<string, number | undefined>> = {
    '/runs': runs?.runs.length,
    '/prompts': workspace?.prompts,
    '/datasets': workspace?.datasets,
  };
  return (
    <ShellContext value={context}>
      <a className="skip" href="#content">
        Skip to content
      </a>
      <div className="app">
        <aside className="side">
          <Link className="brand" to="/runs">
            <svg aria-hidden="true">
              <use href="#mark" />
            </svg>
            <b>Hone</b>
          </Link>
          <div className="ws" title={workspace?.folder}>
            <span className="trunc">{workspace?.name ?? ' '}</span>
          </div>
          <nav className="nav" aria-label="Main">
            {places.map(({ to, icon, label, hasRule }) => (
              <div key={to}>
                {hasRule && <hr />}
                <Link to={to} aria-current={pathname.startsWith(to) ? 'page' : undefined} title={label}>
                  <Icon name={icon} />
                  <span>{label}</span>
                  {counts[to] !== undefined && <span className="c">{count(counts[to])}</span>}
                </Link>
              </div>
            ))}
          </nav>
          {running !== undefined && (
            <Link
              className="job"
              to={running.kind === 'optimization' ? '/optimize/$run' : '/runs/$run'}
              params={{ run: running.id }}
            >
              <span className="t">
                <i className="live" />
                {running.kind === 'optimization' ? 'Optimizing' : 'Evaluating'} {running.name}
              </span>
              <span className="m">{count(running.answers ?? 0)} answers so far</span>
            </Link>
          )}
        </aside>
        <div className="main">
          <header className="top">
            <div className="crumb">{crumbs}</div>
            {failureCount > 0 && (
              <span className="sm away" role="status">
                The studio does not answer; reconnecting
              </span>
            )}
            <button
              type="button"
              className="jump"
              onClick={() => setOverlay('palette')}
              aria-label="Jump to anything"
            >
              <Icon name="search" small />
              <span>Jump to anything</span>
              <kbd>{keyLabels('palette')}</kbd>
            </button>
            <button
              type="button"
              className="btn q sq"
              onClick={switchTheme}
              aria-label="Switch theme"
              title="Switch theme"
            >
              <Icon name="theme" />
            </button>
            <button
              type="button"
              className="btn q sq hide-m"
              onClick={() => setOverlay('keys')}
              aria-label="Keyboard map"
              title="Keyboard map"
            >
              <Icon name="help" />
            </button>
          </header>
          <main id="content" tabIndex={-1}>
            <Outlet />
          </main>
        </div>
        <footer className="foot">
          <span>{window.location.host}</span>
          {workspace !== undefined && (
            <>
              <span>
                Store <b>{bytes(workspace.storeBytes)}</b>
              </span>
              <span>
                Stored answers <b>{count(workspace.answers)}</b>
              </span>
            </>
          )}
          <span className="keys">
            {[...footer, 'help' as const].map((name) => (
              <span key={name}>
                {keyLabels(name).map((key) => (
                  <kbd key={key}>{key}</kbd>
                ))}
                {bindings[name].says}
              </span>
            ))}
          </span>
        </footer>
        <nav className="tabs" aria-label="Main, on small screens">
          {places.map(({ to, icon, label }) => (
            <Link key={to} to={to} aria-current={pathname.startsWith(to) ? 'page' : undefined}>
              <Icon name={icon} />
              {label}
            </Link>
          ))}
        </nav>
      </div>
      <Suspense>
        {overlay === 'palette' && <Palette close={close} />}
        {overlay === 'keys' && <KeysDialog close={close} />}
      </Suspense>
    </ShellContext>
  );
}

function switchTheme(): void {
  const root = document.documentElement;
  const now = root.dataset.theme ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
  root.dataset.theme = now === 'dark' ? 'light' : 'dark';
  localStorage.setItem('hone-theme', root.dataset.theme);
}
