//! Registrations from files of other tools, and as TOML.

use super::{draft, registry};
use crate::{
    Ira,
    wire::{
        ApiError, ErrorCode, FoundRegistration, FoundRegistrations, Nothing, RegistrationImport,
        RegistrationsText,
    },
};
use ira_engine::registry::{Registration, import};
use serde::Serialize;
use std::path::Path;

const HEAD: &str = "# Applications that Ira keeps. They hold their environments, and so what is secret in them.\n\n";

#[derive(Serialize)]
struct Written<'a> {
    application: Vec<&'a Registration>,
}

/// Every registration as TOML.
///
/// # Errors
/// Never now; like every command.
#[allow(clippy::needless_pass_by_value)] // every command takes its request
pub fn export_registrations(ira: &Ira, _: Nothing) -> Result<RegistrationsText, ApiError> {
    let kept = ira.engine.registry_anew();
    let written = Written { application: kept.iter().map(|one| &one.registration).collect() };
    let text = toml::to_string(&written);
    let text = text.map_err(|error| ApiError::of(None, error.to_string()))?;
    Ok(RegistrationsText { text: format!("{HEAD}{text}") })
}

/// What a file of another tool says can be run. Nothing is kept yet.
///
/// # Errors
/// [`ErrorCode::NotFound`] where there is no such file, [`ErrorCode::Invalid`] with the line where it is
/// not what its name says.
#[allow(clippy::needless_pass_by_value)] // every command takes its request
pub fn find_registrations(
    ira: &Ira,
    request: RegistrationImport,
) -> Result<FoundRegistrations, ApiError> {
    let path = Path::new(&request.path);
    let (mut formats, mut looked_for, mut all) = (Vec::new(), Vec::new(), Vec::new());
    let mut take = |path: &Path| {
        let file = import::import(path, &read(path)?)
            .map_err(|error| ApiError::invalid(format!("{}: {error}", path.display())))?;
        formats.push(file.format.to_owned());
        all.extend(file.found);
        Ok::<(), ApiError>(())
    };
    if path.is_absolute() && path.is_dir() {
        looked_for = import::IN_FOLDER.map(str::to_owned).to_vec();
        for name in import::IN_FOLDER {
            match take(&path.join(name)) {
                Err(error) if error.code == Some(ErrorCode::NotFound) => {}
                other => other?,
            }
        }
    } else {
        take(path)?;
    }
    let kept = ira.engine.registry_anew();
    let found = all.into_iter().map(|one| {
        let same = |other: &&registry::Kept| {
            other.registration.name == one.registration.name
                && other.registration.working_directory == one.registration.working_directory
        };
        FoundRegistration {
            draft: draft::of(&one.registration),
            notes: one.notes,
            problems: draft::problems(&one.registration),
            kept_as: kept.iter().find(same).map(|other| other.registration.application.clone()),
        }
    });
    Ok(FoundRegistrations { formats, looked_for, found: found.collect() })
}

/// The text of a plain file of the user's.
fn read(path: &Path) -> Result<String, ApiError> {
    let shown = path.display();
    let fail = |error: std::io::Error| {
        let code = match error.kind() {
            std::io::ErrorKind::NotFound => ErrorCode::NotFound,
            _ => ErrorCode::Invalid,
        };
        ApiError::of(Some(code), format!("path: {shown}: {error}"))
    };
    if !path.is_absolute() {
        return Err(ApiError::invalid(format!("path: give the whole path, not {shown}")));
    }
    let text = ira_probe::read_plain(path, import::LONGEST + 1).map_err(fail)?;
    if text.len() as u64 > import::LONGEST {
        return Err(ApiError::invalid(format!("path: {shown} is larger than 1 MiB")));
    }
    String::from_utf8(text).map_err(|_| ApiError::invalid(format!("path: {shown} is no text")))
}
