//! `/proc/diskstats`: bytes and busy time of whole disks (kernel document "iostats").

use super::put;
use crate::linux::{
    pids::open_folder,
    source::Tree,
    text::{fields, number},
};
use ira_model::DiskCounters;
use rustix::fs::{AtFlags, Dir};
use std::ffi::CString;

/// A sector of `/proc/diskstats` is this long whatever the device uses, bytes.
const SECTOR_BYTES: u64 = 512;

/// Knows which block devices are whole disks whose bytes are counted nowhere else.
#[derive(Debug)]
pub(crate) struct WholeDisks {
    sys: Option<Tree>,
    known: Vec<Known>,
}

#[derive(Debug)]
struct Known {
    name: Vec<u8>,
    is_counted: bool,
    is_listed: bool,
}

impl WholeDisks {
    pub(crate) fn new(sys: Option<Tree>) -> Self {
        Self { sys, known: Vec::new() }
    }

    /// Reads the counted disks in the order of the file. Fields: major, minor, name, then 3 sectors
    /// read, 7 sectors written, 10 milliseconds with requests under way. Other lines are passed over.
    pub(crate) fn parse(&mut self, bytes: &[u8], disks: &mut Vec<DiskCounters>) {
        let mut count = 0;
        for known in &mut self.known {
            known.is_listed = false;
        }
        for line in bytes.split(|byte| *byte == b'\n') {
            let mut parts = fields(line).skip(2);
            let Some(name) = parts.next() else { continue };
            let mut value = |skipped| parts.nth(skipped).and_then(number);
            let (Some(read), Some(written), Some(busy_ms)) = (value(2), value(3), value(2)) else {
                continue;
            };
            if !self.is_counted(name) {
                continue;
            }
            put(
                disks,
                count,
                name,
                |place| &mut place.name,
                |name| DiskCounters { name, ..Default::default() },
                |place| {
                    place.read_bytes = read.saturating_mul(SECTOR_BYTES);
                    place.write_bytes = written.saturating_mul(SECTOR_BYTES);
                    place.busy_ms = busy_ms;
                },
            );
            count += 1;
        }
        disks.truncate(count);
        // A name that comes back may be another device.
        self.known.retain(|known| known.is_listed);
    }

    /// Decided once for each name, as long as it stays.
    fn is_counted(&mut self, name: &[u8]) -> bool {
        if let Some(known) = self.known.iter_mut().find(|known| known.name == name) {
            known.is_listed = true;
            return known.is_counted;
        }
        let is_counted = !is_memory(name) && self.is_whole(name);
        self.known.push(Known { name: name.to_vec(), is_counted, is_listed: true });
        is_counted
    }

    fn is_whole(&self, name: &[u8]) -> bool {
        let Some(sys) = &self.sys else { return !looks_like_part(name) };
        let path = |tail: &str| {
            // The kernel writes `!` in `/sys` where a name has a slash, as in `cciss!c0d0`.
            let name = String::from_utf8_lossy(name).replace('/', "!");
            CString::new(format!("block/{name}{tail}")).unwrap_or_default()
        };
        if rustix::fs::statat(sys.folder(), c"block", AtFlags::empty()).is_err() {
            return !looks_like_part(name);
        }
        // Partitions have no folder of their own in `/sys/block`; a mapped device (LVM, LUKS,
        // RAID) has one that names the disks below it, which are counted themselves.
        rustix::fs::statat(sys.folder(), path("").as_c_str(), AtFlags::empty()).is_ok()
            && !has_entries(sys, &path("/slaves"))
    }
}

/// Not a disk: files (`loop`) or memory shown as one.
fn is_memory(name: &[u8]) -> bool {
    [&b"loop"[..], b"ram", b"zram"]
        .iter()
        .any(|kind| name.strip_prefix(*kind).is_some_and(|rest| number(rest).is_some()))
}

/// The way partitions and mapped devices are named, for want of `/sys`.
fn looks_like_part(name: &[u8]) -> bool {
    let stem_end = name.iter().rposition(|byte| !byte.is_ascii_digit()).map_or(0, |last| last + 1);
    let has_number = stem_end < name.len();
    let stem = name.get(..stem_end).unwrap_or_default();
    let is_disk_letters =
        [&b"sd"[..], b"vd", b"hd", b"xvd"].iter().any(|kind| stem.starts_with(kind));
    let is_numbered_disk =
        [&b"nvme"[..], b"mmcblk", b"nbd"].iter().any(|kind| stem.starts_with(kind));
    name.starts_with(b"dm-")
        || name.starts_with(b"md")
        || (is_disk_letters && has_number)
        || (is_numbered_disk && has_number && stem.ends_with(b"p"))
}

fn has_entries(sys: &Tree, path: &CString) -> bool {
    let Ok(folder) = open_folder(sys.folder(), path.as_c_str()) else { return false };
    let Ok(mut entries) = Dir::read_from(folder) else { return false };
    entries
        .any(|entry| entry.is_ok_and(|entry| !matches!(entry.file_name().to_bytes(), b"." | b"..")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::create_dir_all;

    fn line(name: &str) -> String {
        format!("   8       0 {name} 44329 12112 20 19185 30849 84718 30 30361 0 8788 50432 7\n")
    }

    fn names(whole: &mut WholeDisks, listed: &[&str]) -> Vec<String> {
        let text: String = listed.iter().map(|name| line(name)).collect();
        let mut disks = Vec::new();
        whole.parse(text.as_bytes(), &mut disks);
        for disk in &disks {
            assert_eq!(
                (disk.read_bytes, disk.write_bytes, disk.busy_ms),
                (20 * 512, 30 * 512, 8788),
                "sectors of 512 bytes, field 13 for time"
            );
        }
        disks.into_iter().map(|disk| disk.name).collect()
    }

    #[test]
    fn parts_are_not_counted_twice() {
        let root = tempfile::tempdir().unwrap();
        for folder in [
            "sda",
            "nvme0n1",
            "loop0",
            "zram0",
            "dm-0/slaves/sda2",
            "md0/slaves/sda3",
            "dm-1/slaves",
            "cciss!c0d0",
        ] {
            create_dir_all(root.path().join("block").join(folder)).unwrap();
        }
        let mut whole = WholeDisks::new(Some(Tree::open(root.path()).unwrap()));
        let listed = [
            "sda",
            "sda1",
            "nvme0n1",
            "nvme0n1p1",
            "loop0",
            "zram0",
            "dm-0",
            "md0",
            "dm-1",
            "cciss/c0d0",
        ];
        assert_eq!(
            names(&mut whole, &listed),
            ["sda", "nvme0n1", "dm-1", "cciss/c0d0"],
            "partitions, memory and devices made of counted ones are left out"
        );
        assert_eq!(names(&mut whole, &["sda"]), ["sda"], "the others were pulled out");
        assert_eq!(whole.known.len(), 1, "and are forgotten");
    }

    #[test]
    fn names_tell_parts_where_sys_does_not() {
        let listed = [
            "sda",
            "sda1",
            "vdb12",
            "nvme0n1",
            "nvme0n1p1",
            "mmcblk0",
            "mmcblk0p2",
            "dm-3",
            "md127",
            "sr0",
            "ram0",
            "xvda",
            "xvda1",
        ];
        let expected = ["sda", "nvme0n1", "mmcblk0", "sr0", "xvda"];
        assert_eq!(names(&mut WholeDisks::new(None), &listed), expected, "by the kernel's names");
        let empty = tempfile::tempdir().unwrap();
        let mut whole = WholeDisks::new(Some(Tree::open(empty.path()).unwrap()));
        assert_eq!(names(&mut whole, &listed), expected, "as well where /sys/block is missing");
    }
}
