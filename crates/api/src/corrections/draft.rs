//! Corrections between the wire and the model.

use crate::{
    Ira,
    wire::{
        CorrectionAction, CorrectionDraft, CorrectionField, CorrectionForm, CorrectionMatcher,
        CorrectionProblem, CorrectionProblemKind,
    },
};
use ira_model::{
    Action, Application, ApplicationKind, Condition, Correction, Field, Form, Matcher, Problem,
    Target, correction::custom,
};

impl Ira {
    /// What is known of an application by its identifier: what runs, else what is kept. A name that
    /// a correction gave it is left out, since that may be taken back.
    fn known_application(&self, id: &str) -> Option<Application> {
        let live = self.engine.live(|live| {
            let found = live.processes.iter().map(|one| &one.found.application);
            let shown = live.processes.iter().map(|one| &one.attribution.application);
            found.chain(shown).find(|known| known.id == id).cloned()
        });
        if let Some(live) = live {
            return Some((*live).clone());
        }
        let kept = self.past(|reader| reader.application(id)).ok().flatten()?;
        Some(Application {
            id: kept.id,
            kind: kept.kind,
            name: kept.name,
            class: kept.class,
            ..Application::default()
        })
    }

    /// A draft as the model has it, with what is known of the application it names.
    pub(crate) fn understand(
        &self,
        draft: &CorrectionDraft,
    ) -> Result<Correction, CorrectionProblem> {
        let action = match &draft.action {
            CorrectionAction::BelongsTo { application, name } => {
                let known = self.known_application(application);
                let target = known.or_else(|| told(application, name.as_deref()));
                let target = target.ok_or_else(|| CorrectionProblem {
                    kind: CorrectionProblemKind::UnknownApplication,
                    other: None,
                    message: format!("no application {application:?} was ever seen here"),
                })?;
                Action::BelongsTo(Target(Application { version: None, ..target }))
            }
            CorrectionAction::Separate { name } => Action::Separate(name.trim().to_owned()),
            CorrectionAction::Rename { name } => Action::Rename(name.trim().to_owned()),
            CorrectionAction::Ignore => Action::Ignore,
        };
        let condition = Condition {
            application: draft.application.clone(),
            matcher: draft.matcher.as_ref().map(|matcher| Matcher {
                field: match matcher.field {
                    CorrectionField::CommandLine => Field::CommandLine,
                    CorrectionField::Executable => Field::Executable,
                    CorrectionField::Folder => Field::Folder,
                },
                form: match matcher.form {
                    CorrectionForm::Equal => Form::Equal,
                    CorrectionForm::Prefix => Form::Prefix,
                    CorrectionForm::Pattern => Form::Pattern,
                },
                text: matcher.text.clone(),
            }),
        };
        Ok(Correction { id: draft.id.unwrap_or_default(), condition, action })
    }
}

/// An application of which no more is known than what a text says.
fn told(id: &str, name: Option<&str>) -> Option<Application> {
    match ApplicationKind::of_id(id)? {
        ApplicationKind::Custom => id.split_once(':').map(|(_, key)| custom(key)),
        _ => Some(Application::of_id(id, name?)),
    }
}

/// A correction as the user would write it.
pub(super) fn of(one: &Correction) -> CorrectionDraft {
    CorrectionDraft {
        id: Some(one.id),
        application: one.condition.application.clone(),
        matcher: one.condition.matcher.as_ref().map(|matcher| CorrectionMatcher {
            field: match matcher.field {
                Field::CommandLine => CorrectionField::CommandLine,
                Field::Executable => CorrectionField::Executable,
                Field::Folder => CorrectionField::Folder,
            },
            form: match matcher.form {
                Form::Equal => CorrectionForm::Equal,
                Form::Prefix => CorrectionForm::Prefix,
                Form::Pattern => CorrectionForm::Pattern,
            },
            text: matcher.text.clone(),
        }),
        action: match &one.action {
            Action::BelongsTo(target) => CorrectionAction::BelongsTo {
                application: target.0.id.clone(),
                name: Some(target.0.name.clone()),
            },
            Action::Separate(name) => CorrectionAction::Separate { name: name.clone() },
            Action::Rename(name) => CorrectionAction::Rename { name: name.clone() },
            Action::Ignore => CorrectionAction::Ignore,
        },
    }
}

/// A problem for the wire.
pub(super) fn problem(problem: &Problem) -> CorrectionProblem {
    use CorrectionProblemKind as Kind;
    let (kind, other) = match problem {
        Problem::Text { .. } => (Kind::Text, None),
        Problem::Pattern { .. } => (Kind::Pattern, None),
        Problem::NoCondition | Problem::RenameOfProcesses => (Kind::Condition, None),
        Problem::Kernel => (Kind::Kernel, None),
        Problem::Itself { .. } => (Kind::Loop, None),
        Problem::Loop { other, .. } => (Kind::Loop, Some(*other)),
        Problem::Contradicts { other } => (Kind::Contradicts, Some(*other)),
        Problem::IntoIgnored { other, .. } => (Kind::IntoIgnored, Some(*other)),
        Problem::There { other } => (Kind::There, Some(*other)),
        Problem::TooMany { .. } => (Kind::TooMany, None),
    };
    CorrectionProblem { kind, other, message: problem.to_string() }
}
