/**
 * mimoCoRB for Deno: a multiple-in multiple-out configurable ring buffer in shared memory, and the data acquisition around
 * it.
 *
 * @example Write into a ring, read from it
 * ```ts
 * import { Reader, RingBuffer, Writer } from "@mimocorb/daq";
 * import { assertEquals } from "@std/assert";
 *
 * using ring = await RingBuffer.create({ name: "pulses", slots: 8, valuesPerSlot: 4, fields: { chA: "float32" } });
 * using reader = new Reader(ring.newReaderGroup("filter"));
 * using writer = new Writer(ring.newWriter());
 * writer.getNewBuffer()!.chA.set([0, 3, 1, 0]);
 * writer.processBuffer();
 * assertEquals(Array.from(reader.get()!.chA), [0, 3, 1, 0]);
 * ```
 *
 * @module
 */
export * from "./src/record/field_type.ts";
export * from "./src/record/record_layout.ts";

export * from "./drivers/instrument.ts";
export type { FamilyName } from "./drivers/picoscope/families.ts";
export { type FoundScope, listScopes, type ScopeSearch } from "./drivers/picoscope/find_scopes.ts";

export * from "./src/pulses/coincidences.ts";
export * from "./src/pulses/config_reader.ts";
export * from "./src/pulses/exponential_fit.ts";
export * from "./src/pulses/find_peaks.ts";
export * from "./src/pulses/gamma_simulator.ts";
export * from "./src/pulses/histogram.ts";
export * from "./src/pulses/histogram_fit.ts";
export * from "./src/pulses/lifetime_analysis.ts";
export * from "./src/pulses/muon_simulator.ts";
export * from "./src/pulses/normalised_pulse.ts";
export * from "./src/pulses/peak_conditions.ts";
export * from "./src/pulses/peak_finder.ts";
export * from "./src/pulses/peak_table.ts";
export * from "./src/pulses/random.ts";
export * from "./src/pulses/reference_pulse.ts";
export * from "./src/pulses/signatures.ts";
export * from "./src/pulses/spectrum_analysis.ts";
export * from "./src/pulses/statistics.ts";

export * from "./src/files/complete_file.ts";
export * from "./src/files/damaged_file_error.ts";
export type { EventReader, StoredEvent } from "./src/files/event_reader.ts";
export * from "./src/files/event_record.ts";
export * from "./src/files/histogram_csv.ts";
export * from "./src/files/histogram_plot.ts";
export * from "./src/files/journal_completion.ts";
export type { JournalHeader, JournalOrigin, JournalPlace, JournalStamp } from "./src/files/journal_header.ts";
export * from "./src/files/journal_reader.ts";
export { type JournalRotation, type JournalSeriesOptions, JournalSeriesWriter } from "./src/files/journal_series.ts";
export * from "./src/files/journal_writer.ts";
export * from "./src/files/parquet_table_reader.ts";
export * from "./src/files/parquet_table_writer.ts";
export type { TableRecord } from "./src/files/parquet_column_buffer.ts";
export * from "./src/files/recording_reader.ts";
export * from "./src/files/recording_writer.ts";
export type { TarWriterOptions } from "./src/files/tar_writer.ts";
export * from "./src/files/text_table.ts";
export * from "./src/files/text_table_reader.ts";
export * from "./src/files/waveform_plot.ts";

export * from "./src/ring/ports.ts";
export * from "./src/ring/ring_error.ts";
export * from "./src/ring/ring_status.ts";
export { type BufferStatus, RingBuffer, type RingOptions, type UnfinishedEvent } from "./src/ring/ring_buffer.ts";
export { isProcessAlive, type ProcessIdentity } from "./src/ring/process_identity.ts";
export type { RingState } from "./src/ring/ring_handle.ts";
export type { Slot } from "./src/ring/slot.ts";
export { type WaitOptions, Writer } from "./src/ring/writer.ts";
export { type Outcome, Reader } from "./src/ring/reader.ts";
export { Observer } from "./src/ring/observer.ts";

export * from "./src/setup/plan.ts";

export * from "./src/worker/buffer_data.ts";
export * from "./src/worker/buffer_to_buffer.ts";
export * from "./src/worker/buffer_to_parquetfile.ts";
export * from "./src/worker/buffer_to_txtfile.ts";
export * from "./src/worker/context.ts";
export * from "./src/worker/continuation.ts";
export * from "./src/worker/event.ts";
export * from "./src/worker/event_books.ts";
export * from "./src/worker/event_handler.ts";
export * from "./src/worker/exporter.ts";
export * from "./src/worker/filter.ts";
export * from "./src/worker/function_settings.ts";
export * from "./src/worker/importer.ts";
export * from "./src/worker/is_alive.ts";
export * from "./src/worker/logger.ts";
export type { FailurePhase, WorkerFailure } from "./src/worker/messages.ts";
export * from "./src/worker/observer.ts";
export * from "./src/worker/observer_data.ts";
export * from "./src/worker/pacer.ts";
export * from "./src/worker/panel.ts";
export * from "./src/worker/processor.ts";
export type { FieldValues, RecordValues } from "./src/worker/record_writer.ts";
export * from "./src/worker/run_file.ts";
export * from "./src/worker/run_signal.ts";
export * from "./src/worker/source_item.ts";
export * from "./src/worker/source_to_buffer.ts";

export * from "./src/functions/calculate_decay_time.ts";
export * from "./src/functions/copy.ts";
export * from "./src/functions/csv.ts";
export * from "./src/functions/drain.ts";
export * from "./src/functions/event_sink.ts";
export { exportHistogram } from "./src/functions/export_histogram.ts";
export * from "./src/functions/file_source.ts";
export { findPeaks as spectrumFilter } from "./src/functions/find_peaks.ts";
export * from "./src/functions/gamma_source.ts";
export * from "./src/functions/live_time.ts";
export * from "./src/functions/journal_source.ts";
export * from "./src/functions/oscilloscope.ts";
export * from "./src/functions/picoscope_source.ts";
export * from "./src/functions/plot_histograms.ts";
export * from "./src/functions/plot_waveform.ts";
export * from "./src/functions/pulse_height_analysis.ts";
export * from "./src/functions/read_from_buffer.ts";
export * from "./src/functions/redpitaya_source.ts";
export * from "./src/functions/run_instrument.ts";
export * from "./src/functions/save_journal.ts";
export * from "./src/functions/save_parquet.ts";
export * from "./src/functions/save_parquet_table.ts";
export * from "./src/functions/save_to_txt.ts";
export * from "./src/functions/simulation_source.ts";
export * from "./src/functions/spectrum_source.ts";
export * from "./src/functions/tar_parquet_source.ts";
export * from "./src/functions/waveform_scale.ts";
export * from "./src/functions/visualize_csv.ts";
export { visualizeHistogram } from "./src/functions/visualize_histogram.ts";

export * from "./src/control/buffer_control.ts";
export type { BufferControlOptions } from "./src/control/buffer_control_options.ts";
export type { Ledger, LedgerGroup, LedgerRing } from "./src/control/ledger.ts";
export type { RunClock } from "./src/control/run_clock.ts";
export type { PanelSource } from "./src/control/panel_parts.ts";
export type { RingPauses } from "./src/control/ring_pauses.ts";
export type { RunDisplay, Verbosity } from "./src/control/run_display.ts";
export type { LogEntry } from "./src/control/run_log.ts";
export type * from "./src/control/recorded_counts.ts";
export type * from "./src/control/recorded_troubles.ts";
export type { RetiredGroup } from "./src/control/retirement.ts";
export * from "./src/control/run_mimo_daq.ts";
export type { RunProgress } from "./src/control/run_progress.ts";
export type * from "./src/control/run_record_format.ts";
export type { OwnedRow } from "./src/control/run_rings.ts";
export type { RingSnapshot, RunSnapshot } from "./src/control/run_snapshot.ts";
export type { RunWatcher, WatchedEnd, WatchedLog, WatchedRun } from "./src/control/run_watcher.ts";
export type { RunState, StopCause, StopReason } from "./src/control/run_state.ts";
export type { RunFailure } from "./src/control/run_workers.ts";
export { SetupRefused } from "./src/control/setup_refused.ts";
export type { UnfinishedWorker } from "./src/control/unfinished_work.ts";
export type { DeathCause, HeldByWorker, LifeDeath, WorkerDeath } from "./src/control/worker_death.ts";
export type { WorkerHandle, WorkerState } from "./src/control/worker_handle.ts";
export type { LifeListener, LifeState, WorkerLife } from "./src/control/worker_life.ts";
