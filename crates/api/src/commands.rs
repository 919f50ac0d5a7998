//! The one list of commands. Every host (desktop window, HTTP server), the TypeScript bindings and
//! the permission files are made from it; a command that is missing somewhere does not compile.

use crate::wire::Topic;
use serde::Serialize;

/// Whether a command only answers or also changes something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum CommandKind {
    /// Answers, and provides topics.
    Query,
    /// Changes something, and makes topics stale.
    Mutation,
}

/// One entry of the list.
#[derive(Debug, Clone, Copy)]
pub struct Command {
    /// Name: the route, the handler and the permission.
    pub name: &'static str,
    /// Name of the request type.
    pub request: &'static str,
    /// Name of the response type.
    pub response: &'static str,
    /// Query or mutation.
    pub kind: CommandKind,
    /// Topics it provides (query) or makes stale (mutation).
    pub topics: &'static [Topic],
}

/// Hands the list to a macro: `name(Request) -> Response: Kind [Topics]` for each command.
#[macro_export]
macro_rules! with_commands {
    ($use_with:path) => {
        $use_with! {
            machine(Nothing) -> Machine: Query [Machine];
            applications(At) -> Applications: Query [Applications];
            application(ApplicationRequest) -> ApplicationDetail: Query [Applications];
            application_files(ApplicationRef) -> ApplicationFiles: Query [];
            application_ledger(LedgerRequest) -> ApplicationLedger: Query [];
            sparklines(SparklinesRequest) -> Sparklines: Query [History];
            processes(At) -> Processes: Query [Processes];
            process(ProcessRequest) -> ProcessDetail: Query [Processes];
            process_series(ProcessSeriesRequest) -> SeriesAnswer: Query [History];
            series(SeriesRequest) -> SeriesAnswer: Query [History];
            timeline(TimelineRequest) -> Timeline: Query [History];
            events(EventsRequest) -> Events: Query [Events];
            crash_card(CrashCardRequest) -> CrashCard: Query [Events, History];
            settings(Nothing) -> Settings: Query [Settings];
            save_settings(Settings) -> Settings: Mutation [Settings];
            corrections(Nothing) -> Corrections: Query [Corrections];
            preview_correction(CorrectionPreviewRequest) -> CorrectionPreview: Query [Corrections];
            save_correction(CorrectionDraft) -> CorrectionRow: Mutation [Corrections];
            delete_correction(CorrectionRef) -> CorrectionDraft: Mutation [Corrections];
            export_corrections(Nothing) -> CorrectionsText: Query [Corrections];
            import_corrections(CorrectionsText) -> CorrectionsImported: Mutation [Corrections];
            stop_reattribution(StopReattribution) -> Reattribution: Mutation [Corrections];
            registrations(Nothing) -> Registrations: Query [Registrations];
            registration_draft(ApplicationRef) -> RegistrationDraft: Query [Registrations, Applications];
            check_registration(RegistrationDraft) -> RegistrationCheck: Query [];
            save_registration(RegistrationDraft) -> RegistrationRow: Mutation [Registrations];
            delete_registration(RegistrationRemoval) -> Nothing: Mutation [Registrations];
            find_registrations(RegistrationImport) -> FoundRegistrations: Query [];
            export_registrations(Nothing) -> RegistrationsText: Query [Registrations];
            order_preview(OrderRequest) -> OrderPreview: Query [];
            order(OrderConfirm) -> OrderEnd: Mutation [Audit, Events];
            audit(AuditRequest) -> Audit: Query [Audit];
            services(Nothing) -> Services: Query [Services];
            service(ServiceRequest) -> ServiceDetail: Query [Services];
            containers(Nothing) -> Containers: Query [Containers];
            container(ContainerRequest) -> ContainerDetail: Query [Containers];
            container_sizes(Nothing) -> ContainerSizes: Query [Containers];
            log_sources(Nothing) -> LogSources: Query [Applications];
            log_page(LogPageRequest) -> LogPage: Query [];
            log_histogram(LogHistogramRequest) -> LogHistogram: Query [];
            doctor(Nothing) -> Doctor: Query [Health];
            health(Nothing) -> Health: Query [Health];
        }
    };
}

macro_rules! list {
    ($($name:ident($request:ident) -> $response:ident: $kind:ident [$($topic:ident),*];)*) => {
        /// Every command.
        pub const COMMANDS: &[Command] = &[
            $(Command {
                name: stringify!($name),
                request: stringify!($request),
                response: stringify!($response),
                kind: CommandKind::$kind,
                topics: &[$(Topic::$topic),*],
            },)*
        ];
    };
}
with_commands!(list);
