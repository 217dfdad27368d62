import './prompts.css';
import { useQuery } from '@tanstack/react-query';
import { Link, Navigate } from '@tanstack/react-router';
import type { PromptLine } from '../../../src/server/prompt-views.ts';
import { get } from '../api.ts';
import { Failure, Loading } from '../shell/panel-states.tsx';
import { usePage } from '../shell/shell-context.ts';

/** All prompts; the first one opens. */
export function PromptsPage() {
  const { data, error, refetch } = useQuery({
    queryKey: ['prompts'],
    queryFn: ({ signal }) => get<{ readonly prompts: readonly PromptLine[] }>('/prompts', signal),
  });
  usePage({ title: 'Prompts', crumbs: <b>Prompts</b> });
  if (error !== null && data === undefined) return <Failure error={error} retry={refetch} />;
  if (data === undefined) return <Loading />;
  const [first] = data.prompts;
  if (first !== undefined) return <Navigate to="/prompts/$name" params={{ name: first.name }} replace />;
  return (
    <div className="empty">
      <h1>No prompts are published yet</h1>
      <p>
        Open an evaluation among{' '}
        <Link to="/runs" className="u">
          the runs
        </Link>{' '}
        and save its prompt as a version, or run:
      </p>
      <code>hone prompts publish triage latest</code>
    </div>
  );
}
