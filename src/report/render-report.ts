import type { ReportFormat, ReportView } from './report.ts';
import { renderReportAsHtml } from './report-html.ts';
import { renderReportAsMarkdown } from './report-markdown.ts';

/** The report of an optimization in one of its file formats. */
export function renderReport(view: ReportView, format: ReportFormat): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify(view.report, null, 2)}\n`;
    case 'md':
      return renderReportAsMarkdown(view);
    case 'html':
      return renderReportAsHtml(view);
  }
}
