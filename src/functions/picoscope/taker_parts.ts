/** What the modes of taking data have in common. */
import type { Scope } from "../../../drivers/picoscope/scope.ts";
import type { EventSink } from "../event_sink.ts";
import type { SourceReport } from "./source_report.ts";
import type { SourceSettings } from "./source_settings.ts";

/** An open device, where its data go, and who is told. */
export interface TakerParts {
  readonly settings: SourceSettings;
  readonly scope: Scope;
  readonly sink: EventSink;
  readonly report: SourceReport;
}
