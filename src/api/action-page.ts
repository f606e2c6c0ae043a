import type { ResolveAction, Run } from '../domain/model/run';
import type { ActionPreview } from '../services/runs/steer/action-links';

/** What each decision does, for the person who is asked. */
const meanings: Readonly<Record<ResolveAction, { readonly title: string; readonly explanation: string }>> = {
  retry: { title: 'Run the task again', explanation: 'The task begins anew, and the run goes on after it.' },
  skip: {
    title: 'Skip the task',
    explanation: 'Its failure is tolerated: the run goes on and ends with a warning.',
  },
  succeed: {
    title: 'Mark the task as done',
    explanation: 'It counts as a success, for instance because somebody did it by hand.',
  },
  fail: { title: 'Let the task fail', explanation: 'The run ends with an error.' },
};

/** The page that asks before a link does anything: programs that look into mails open links, people press buttons. */
export function askPage({ action, taskName, error, runId, for: recipient }: ActionPreview): string {
  const { title, explanation } = meanings[action];
  const parameters = `<label>Other values of parameters, as JSON (optional)<textarea name="parameters" rows="3"></textarea></label>`;
  return page(
    title,
    `<p>Task <b>${escape(taskName)}</b> of run ${escape(runId)} failed:</p>
    <blockquote>${escape(error)}</blockquote>
    <p>${explanation} The decision is written down as that of ${escape(recipient)}.</p>
    <form method="post">
      ${action === 'retry' ? parameters : ''}
      <label>Note (optional)<input name="note" maxlength="1000"></label>
      <button>${title}</button>
    </form>`,
  );
}

export function donePage({ orchestrationName, id }: Run): string {
  return page(
    'Done',
    `<p>Run ${escape(id)} of <b>${escape(orchestrationName)}</b> goes on as you decided.</p>`,
  );
}

export function refusalPage(reason: string): string {
  return page('Not possible', `<p>${escape(reason)}</p>`);
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="robots" content="noindex">
    <title>${title} – Orchestrator</title>
    <style>
      body { font: 16px/1.5 system-ui, sans-serif; max-width: 36rem; margin: 3rem auto; padding: 0 1rem; color: #1c2430; }
      blockquote { margin: 1rem 0; padding: .5rem 1rem; border-left: 4px solid #c62828; background: #fdf1f1; white-space: pre-wrap; overflow-wrap: anywhere; }
      label { display: block; margin: 1rem 0; }
      input, textarea { display: block; box-sizing: border-box; width: 100%; padding: .5rem; font: inherit; border: 1px solid #8893a5; border-radius: 4px; }
      button { padding: .6rem 1.2rem; font: inherit; color: #fff; background: #1a56c4; border: 0; border-radius: 4px; cursor: pointer; }
    </style>
  </head>
  <body>
    <h1>${title}</h1>
    ${body}
  </body>
</html>
`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (letter) => entities[letter] ?? letter);
}
