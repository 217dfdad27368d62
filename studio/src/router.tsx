import {
  createRootRoute,
  createRoute,
  createRouter,
  Link,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router';
import { type CompareSearch, readCompareSearch } from './routes/compare-search.ts';
import { type DatasetsSearch, readDatasetsSearch } from './routes/datasets-search.ts';
import { type ExperimentSearch, readExperimentSearch } from './routes/experiment-search.ts';
import { type NewSearch, readNewSearch } from './routes/new-search.ts';
import { type OptimizeSearch, readOptimizeSearch } from './routes/optimize-search.ts';
import { type PlaygroundSearch, readPlaygroundSearch } from './routes/playground-search.ts';
import { type PromptsSearch, readPromptsSearch } from './routes/prompts-search.ts';
import { readRunsSearch } from './routes/runs-search.ts';
import { Shell } from './shell/shell.tsx';

const rootRoute = createRootRoute({
  component: Shell,
  notFoundComponent: () => (
    <div className="empty">
      <h1>There is no such page</h1>
      <p>
        <Link to="/runs" className="u">
          To the runs
        </Link>
      </p>
    </div>
  ),
});

const indexRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/runs' });
  },
});

const runsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/runs',
  validateSearch: readRunsSearch,
  component: lazyRouteComponent(() => import('./routes/runs.tsx'), 'RunsPage'),
});

const experimentRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/runs/$run',
  validateSearch: (search): ExperimentSearch => readExperimentSearch(search),
  component: lazyRouteComponent(() => import('./routes/experiment.tsx'), 'ExperimentPage'),
});

const compareRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/compare',
  validateSearch: (search): CompareSearch => readCompareSearch(search),
  component: lazyRouteComponent(() => import('./routes/compare.tsx'), 'ComparePage'),
});

const optimizeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/optimize/$run',
  validateSearch: (search): OptimizeSearch => readOptimizeSearch(search),
  component: lazyRouteComponent(() => import('./routes/optimize.tsx'), 'OptimizePage'),
});

const playgroundRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/playground',
  validateSearch: (search): PlaygroundSearch => readPlaygroundSearch(search),
  component: lazyRouteComponent(() => import('./routes/playground.tsx'), 'PlaygroundPage'),
});

const promptsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/prompts',
  component: lazyRouteComponent(() => import('./routes/prompts.tsx'), 'PromptsPage'),
});

const promptRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/prompts/$name',
  validateSearch: (search): PromptsSearch => readPromptsSearch(search),
  component: lazyRouteComponent(() => import('./routes/prompt.tsx'), 'PromptPage'),
});

const datasetsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/datasets',
  validateSearch: (search): DatasetsSearch => readDatasetsSearch(search),
  component: lazyRouteComponent(() => import('./routes/datasets.tsx'), 'DatasetsPage'),
});

const newRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/new',
  validateSearch: (search): NewSearch => readNewSearch(search),
  component: lazyRouteComponent(() => import('./routes/new-run.tsx'), 'NewRunPage'),
});

const settingsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/settings',
  component: lazyRouteComponent(() => import('./routes/settings.tsx'), 'SettingsPage'),
});

export const router = createRouter({
  routeTree: rootRoute.addChildren([
    indexRoute,
    runsRoute,
    experimentRoute,
    compareRoute,
    optimizeRoute,
    playgroundRoute,
    promptsRoute,
    promptRoute,
    datasetsRoute,
    newRoute,
    settingsRoute,
  ]),
  defaultPreload: 'intent',
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
