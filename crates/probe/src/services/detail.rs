//! One unit in full: what its files say and what depends on it.

use super::{
    Scope, ServiceError, UnitDetail,
    bus::{self, DESTINATION},
    units::{Listed, get},
};
use std::{fmt::Write as _, path::Path, time::Duration};
use zbus::{blocking::proxy, proxy::CacheProperties, zvariant::OwnedObjectPath};

const PATIENCE: Duration = Duration::from_secs(5);
/// Files of a unit are read so far together, bytes.
const MOST_TEXT: usize = 256 << 10;

/// Asks a manager about one unit and reads its files.
///
/// # Errors
/// See [`ServiceError`].
pub fn detail(scope: Scope, unit: &str) -> Result<UnitDetail, ServiceError> {
    let connection = bus::connection(scope, PATIENCE)?;
    let fault = |error: zbus::Error| bus::fault(&error, scope);
    let manager = bus::manager(&connection, scope)?;
    let path: OwnedObjectPath = manager.call("LoadUnit", &(unit,)).map_err(fault)?;
    let unit = proxy::Builder::new(&connection)
        .destination(DESTINATION)
        .and_then(|builder| builder.path(path))
        .and_then(|builder| builder.interface("org.freedesktop.systemd1.Unit"))
        .map_err(fault)?
        .cache_properties(CacheProperties::No)
        .build()
        .map_err(fault)?;
    let names = |property| -> Result<Vec<String>, ServiceError> {
        Ok(get(&unit, property).map_err(fault)?.unwrap_or_default())
    };
    let file: Option<String> = get(&unit, "FragmentPath").map_err(fault)?;
    let file = file.filter(|path| !path.is_empty());
    let mut text = String::new();
    for path in file.iter().chain(&names("DropInPaths")?) {
        let room = MOST_TEXT.saturating_sub(text.len());
        if room == 0 {
            break;
        }
        let _ = writeln!(text, "# {path}");
        text.push_str(&beginning(path, room));
        text.push('\n');
    }
    let mut required_by = names("RequiredBy")?;
    required_by.extend(names("BoundBy")?);
    required_by.extend(names("ConsistsOf")?);
    required_by.sort();
    required_by.dedup();
    Ok(UnitDetail {
        path: file,
        text,
        requires: names("Requires")?,
        wants: names("Wants")?,
        required_by,
        wanted_by: names("WantedBy")?,
        triggered_by: names("TriggeredBy")?,
    })
}

/// Those of the units that are active at this moment, asked for and not remembered.
///
/// # Errors
/// See [`ServiceError`].
pub fn active(scope: Scope, units: &[String]) -> Result<Vec<String>, ServiceError> {
    let connection = bus::connection(scope, PATIENCE)?;
    let listed: Vec<Listed> = bus::manager(&connection, scope)?
        .call("ListUnitsByNames", &(units,))
        .map_err(|error| bus::fault(&error, scope))?;
    Ok(listed.into_iter().filter(|one| one.active == "active").map(|one| one.name).collect())
}

/// The beginning of a plain file.
fn beginning(path: &str, room: usize) -> String {
    match crate::read_plain(Path::new(path), room as u64) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) => format!("# {error}\n"),
    }
}
