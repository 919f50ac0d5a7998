//! Which files an application holds open, read when somebody asks.

use crate::{
    Ira,
    moment::Moment,
    wire::{
        ApiError, ApplicationFiles, ApplicationRef, ErrorCode, FileHolder, OpenFileKind,
        OpenFileRow,
    },
};
use ira_model::ProcessKey;
use ira_probe::{FileKind, HeldFiles, OpenFile};
use std::{collections::HashMap, time::Duration};

/// Descriptors read in one answer.
const DESCRIPTORS: usize = 2_000;
/// Processes looked at in one answer.
const PROCESSES: usize = 500;
/// How long anybody waits for a mount that does not answer.
const AT_MOST: Duration = Duration::from_secs(3);
/// A deleted file that keeps so much from being freed comes before everything else.
const LARGE_BYTES: u64 = 1 << 20;

/// Files that the processes of an application hold open now. Of the past they are not recorded.
///
/// # Errors
/// [`ErrorCode::NotFound`] where it does not run, [`ErrorCode::Refused`] where the processes shown are
/// not this machine's or this system does not tell.
#[allow(clippy::needless_pass_by_value)] // every command takes its request
pub fn application_files(ira: &Ira, request: ApplicationRef) -> Result<ApplicationFiles, ApiError> {
    let not_here = || {
        let message = "open files are told only of processes of this machine, and only on Linux";
        ApiError::of(Some(ErrorCode::Refused), message)
    };
    ira.engine.takes_orders().map_err(|_| not_here())?;
    let members = ira.at(None, |moment| members(moment, &request.id))?;
    if members.is_empty() {
        let message = format!("the application {} does not run now", request.id);
        return Err(ApiError::of(Some(ErrorCode::NotFound), message));
    }
    let keys: Vec<ProcessKey> = members.iter().map(|(key, _)| *key).take(PROCESSES).collect();
    let asked = keys.len();
    // Nothing of the engine is held while the kernel is asked.
    let read =
        ira_probe::open_files("/proc".as_ref(), keys, DESCRIPTORS, AT_MOST).ok_or_else(not_here)?;
    let mut files = ApplicationFiles {
        process_count: u32::try_from(members.len()).unwrap_or(u32::MAX),
        more: asked < members.len(),
        timed_out: read.timed_out,
        ..ApplicationFiles::default()
    };
    let mut rows = Rows::default();
    for (key, held) in read.processes {
        match held {
            HeldFiles::Gone => {}
            HeldFiles::Denied => files.denied_count += 1,
            HeldFiles::Read { files: open, sockets, more } => {
                files.sockets += sockets;
                files.more |= more;
                if let Some((_, holder)) = members.iter().find(|(member, _)| *member == key) {
                    open.into_iter().for_each(|file| rows.add(file, holder));
                }
            }
        }
    }
    files.files = rows.sorted();
    Ok(files)
}

fn members(moment: &Moment<'_>, id: &str) -> Vec<(ProcessKey, FileHolder)> {
    let of_it = moment.processes.iter().filter(|one| one.attribution.application.id == id);
    of_it
        .map(|one| {
            let key = one.sample.key;
            let holder = FileHolder {
                pid: key.pid,
                start_time_ms: moment.start_time_ms(key),
                name: one.details.name.clone(),
                descriptors: 1,
            };
            (key, holder)
        })
        .collect()
}

/// What makes two descriptors those of one file: a path alone does not, where it was made anew.
type Which = (String, FileKind, bool, Option<(u64, u64)>);

#[derive(Default)]
struct Rows {
    rows: Vec<OpenFileRow>,
    known: HashMap<Which, usize>,
}

impl Rows {
    fn add(&mut self, file: OpenFile, holder: &FileHolder) {
        let which = (file.path.clone(), file.kind, file.is_deleted, file.identity);
        let place = *self.known.entry(which).or_insert(self.rows.len());
        if place == self.rows.len() {
            self.rows.push(OpenFileRow {
                path: file.path,
                kind: kind(file.kind),
                read: false,
                write: false,
                append: false,
                size_bytes: file.size_bytes,
                position_bytes: None,
                is_deleted: file.is_deleted,
                kept_bytes: file.disk_bytes.filter(|_| file.is_deleted),
                file_system: file.file_system,
                holders: Vec::new(),
            });
        }
        let Some(row) = self.rows.get_mut(place) else { return };
        row.read |= file.access.read;
        row.write |= file.access.write;
        row.append |= file.access.append;
        row.position_bytes = row.position_bytes.max(file.position_bytes);
        // Those of one process come together.
        match row.holders.last_mut() {
            Some(last) if last.pid == holder.pid => last.descriptors += 1,
            _ => row.holders.push(holder.clone()),
        }
    }

    fn sorted(mut self) -> Vec<OpenFileRow> {
        self.rows.sort_by(|one, other| order(one).cmp(&order(other)));
        self.rows
    }
}

fn order(row: &OpenFileRow) -> (u8, std::cmp::Reverse<u64>, &str) {
    use OpenFileKind::{Anonymous, Device, Directory, NotAsked, Pipe, Regular};
    let large = row.kept_bytes.unwrap_or_default().max(1) / LARGE_BYTES;
    let is_file = matches!(row.kind, Regular | NotAsked);
    let class = match row.kind {
        _ if large > 0 => 0,
        _ if is_file && row.write => 1,
        _ if is_file && row.is_deleted => 2,
        Regular | NotAsked => 3,
        Directory => 4,
        Device => 5,
        Pipe => 6,
        Anonymous => 7,
    };
    let bytes = if class == 0 { row.kept_bytes.unwrap_or_default() } else { 0 };
    (class, std::cmp::Reverse(bytes), &row.path)
}

fn kind(kind: FileKind) -> OpenFileKind {
    match kind {
        FileKind::Regular => OpenFileKind::Regular,
        FileKind::Directory => OpenFileKind::Directory,
        FileKind::Device => OpenFileKind::Device,
        FileKind::Pipe => OpenFileKind::Pipe,
        FileKind::Anonymous => OpenFileKind::Anonymous,
        FileKind::NotAsked => OpenFileKind::NotAsked,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ira_probe::FileAccess;

    fn file(path: &str, kind: FileKind, write: bool) -> OpenFile {
        OpenFile {
            descriptor: 3,
            path: path.to_owned(),
            kind,
            access: FileAccess { read: !write, write, append: false },
            identity: Some((1, 1)),
            size_bytes: Some(10),
            disk_bytes: Some(4096),
            position_bytes: Some(3),
            is_deleted: false,
            file_system: None,
        }
    }

    fn holder(pid: u32) -> FileHolder {
        FileHolder { pid, start_time_ms: 0, name: "db".to_owned(), descriptors: 1 }
    }

    #[test]
    fn one_file_is_one_line_whoever_holds_it() {
        let mut rows = Rows::default();
        rows.add(file("/a", FileKind::Regular, true), &holder(1));
        rows.add(file("/a", FileKind::Regular, false), &holder(1));
        let further = OpenFile { position_bytes: Some(8), ..file("/a", FileKind::Regular, false) };
        rows.add(further, &holder(2));
        let anew = OpenFile { identity: Some((1, 2)), ..file("/a", FileKind::Regular, false) };
        rows.add(anew, &holder(2));
        let rows = rows.sorted();
        assert_eq!(rows.len(), 2, "the same path made anew is another file");
        let held: Vec<_> = rows[0].holders.iter().map(|one| (one.pid, one.descriptors)).collect();
        assert_eq!(held, [(1, 2), (2, 1)]);
        assert!(rows[0].read && rows[0].write);
        assert_eq!((rows[0].position_bytes, rows[0].kept_bytes), (Some(8), None));
    }

    #[test]
    fn what_keeps_a_disk_full_comes_first_then_what_is_written() {
        let mut rows = Rows::default();
        let deleted = |path: &str, bytes| OpenFile {
            is_deleted: true,
            disk_bytes: Some(bytes),
            ..file(path, FileKind::Regular, false)
        };
        rows.add(file("pipe:[1]", FileKind::Pipe, true), &holder(1));
        rows.add(file("/read", FileKind::Regular, false), &holder(1));
        rows.add(deleted("/small", 10), &holder(1));
        rows.add(file("/written", FileKind::NotAsked, true), &holder(1));
        rows.add(deleted("/large", 2 << 20), &holder(1));
        rows.add(deleted("/larger", 3 << 20), &holder(1));
        let rows = rows.sorted();
        let paths: Vec<_> = rows.iter().map(|row| row.path.as_str()).collect();
        assert_eq!(paths, ["/larger", "/large", "/written", "/small", "/read", "pipe:[1]"]);
    }
}
