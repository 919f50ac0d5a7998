//! What a Java archive says of itself: `Implementation-Title` of its manifest (JAR File
//! Specification), and Spring's `spring.application.name` in the properties it carries.
//!
//! A jar is a ZIP file (PKWARE APPNOTE): its directory is at its end. Only that and two or three
//! small entries are read.

use super::files::ReadSeek;
use flate2::read::DeflateDecoder;
use std::io::{Read, SeekFrom};

/// The end record and its comment, bytes.
const END_BYTES: u64 = 64 * 1024;
/// A directory larger than this is not looked through, bytes.
const DIRECTORY_BYTES: u32 = 768 * 1024;
/// An entry is read so far, bytes.
const ENTRY_BYTES: u64 = 64 * 1024;

const PROPERTIES: &[&str] = &[
    "BOOT-INF/classes/application.properties",
    "BOOT-INF/classes/application.yml",
    "BOOT-INF/classes/application.yaml",
    "application.properties",
    "application.yml",
];

/// What an archive says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveTitle {
    /// A name.
    pub name: String,
    /// It is what Spring calls the application; else it is the title in the manifest, which only
    /// helps where the file has no name of its own.
    pub is_application: bool,
}

/// Reads the name an archive gives itself.
pub(super) fn title(mut file: Box<dyn ReadSeek>) -> Option<ArchiveTitle> {
    let directory = directory(&mut file)?;
    for name in PROPERTIES {
        if let Some(found) = entry(&mut file, &directory, name).and_then(|text| spring(name, &text))
        {
            return Some(ArchiveTitle { name: found, is_application: true });
        }
    }
    let manifest = entry(&mut file, &directory, "META-INF/MANIFEST.MF")?;
    let title = manifest.lines().find_map(|line| line.strip_prefix("Implementation-Title:"))?;
    let name = title.trim().to_owned();
    let is_name = !name.is_empty() && name.len() < 200;
    is_name.then_some(ArchiveTitle { name, is_application: false })
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn read_at(file: &mut Box<dyn ReadSeek>, from: SeekFrom, length: u64) -> Option<Vec<u8>> {
    file.seek(from).ok()?;
    let mut bytes = Vec::new();
    file.take(length).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// The central directory.
fn directory(file: &mut Box<dyn ReadSeek>) -> Option<Vec<u8>> {
    let size = file.seek(SeekFrom::End(0)).ok()?;
    let tail = read_at(file, SeekFrom::Start(size.saturating_sub(END_BYTES)), END_BYTES)?;
    let end = tail.windows(4).rposition(|four| four == b"PK\x05\x06")?;
    let (length, offset) = (u32_at(&tail, end + 12)?, u32_at(&tail, end + 16)?);
    if length > DIRECTORY_BYTES {
        return None;
    }
    // A jar may have a shell script before it: then the directory lies later than it says.
    let place = size.saturating_sub(tail.len() as u64) + end as u64;
    let start = place.checked_sub(u64::from(length)).unwrap_or(u64::from(offset));
    read_at(file, SeekFrom::Start(start), u64::from(length))
}

/// The text of an entry.
fn entry(file: &mut Box<dyn ReadSeek>, directory: &[u8], wanted: &str) -> Option<String> {
    let mut at = 0;
    loop {
        if directory.get(at..at + 4)? != b"PK\x01\x02" {
            return None;
        }
        let name_length = usize::from(u16_at(directory, at + 28)?);
        let rest =
            usize::from(u16_at(directory, at + 30)?) + usize::from(u16_at(directory, at + 32)?);
        if directory.get(at + 46..at + 46 + name_length)? == wanted.as_bytes() {
            break;
        }
        at += 46 + name_length + rest;
    }
    let (method, packed) = (u16_at(directory, at + 10)?, u32_at(directory, at + 20)?);
    let start = u64::from(u32_at(directory, at + 42)?);
    let head = read_at(file, SeekFrom::Start(start), 30)?;
    if head.get(..4)? != b"PK\x03\x04" {
        return None;
    }
    let skip = 30 + u64::from(u16_at(&head, 26)?) + u64::from(u16_at(&head, 28)?);
    let bytes = read_at(file, SeekFrom::Start(start + skip), u64::from(packed).min(ENTRY_BYTES))?;
    let mut text = Vec::new();
    match method {
        0 => text = bytes,
        // What was cut short still gives its beginning.
        8 => drop(DeflateDecoder::new(bytes.as_slice()).take(ENTRY_BYTES).read_to_end(&mut text)),
        _ => return None,
    }
    Some(String::from_utf8_lossy(&text).into_owned())
}

/// `spring.application.name` in properties, or `spring: application: name:` in YAML.
fn spring(file: &str, text: &str) -> Option<String> {
    let clean = |value: &str| {
        let value = value.trim().trim_matches(['"', '\'']).to_owned();
        Some(value).filter(|v| !v.is_empty() && !v.contains("${") && v.len() < 200)
    };
    let flat = text.lines().find_map(|line| {
        let line = line.trim();
        let rest = line.strip_prefix("spring.application.name")?.trim_start();
        clean(rest.strip_prefix(['=', ':'])?)
    });
    if flat.is_some() || file.ends_with(".properties") {
        return flat;
    }
    // By indentation: the path of keys above a line.
    let mut path: Vec<(usize, String)> = Vec::new();
    for line in text.lines().filter(|line| !line.trim_start().starts_with('#')) {
        let depth = line.len() - line.trim_start().len();
        let Some((key, value)) = line.trim().split_once(':') else { continue };
        path.retain(|(above, _)| *above < depth);
        path.push((depth, key.to_owned()));
        if path.iter().map(|(_, key)| key.as_str()).eq(["spring", "application", "name"]) {
            return clean(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::DeflateEncoder};
    use std::io::{Cursor, Write};

    /// A ZIP file of packed entries.
    fn zip(before: &[u8], entries: &[(&str, &str)]) -> Vec<u8> {
        let (mut out, mut directory) = (before.to_vec(), Vec::new());
        for (name, text) in entries {
            let mut packed = DeflateEncoder::new(Vec::new(), Compression::fast());
            packed.write_all(text.as_bytes()).unwrap();
            let packed = packed.finish().unwrap();
            let start = out.len() as u32;
            let mut sizes = Vec::new();
            sizes.extend([20, 0, 0, 0, 8, 0, 0, 0, 0, 0]);
            sizes.extend([0; 4]);
            sizes.extend((packed.len() as u32).to_le_bytes());
            sizes.extend((text.len() as u32).to_le_bytes());
            sizes.extend((name.len() as u16).to_le_bytes());
            sizes.extend([0, 0]);
            out.extend(b"PK\x03\x04");
            out.extend(&sizes);
            out.extend(name.as_bytes());
            out.extend(&packed);
            directory.extend(b"PK\x01\x02\x14\x00");
            directory.extend(&sizes);
            directory.extend([0; 10]);
            directory.extend(start.to_le_bytes());
            directory.extend(name.as_bytes());
        }
        let start = out.len() as u32;
        out.extend(&directory);
        out.extend(b"PK\x05\x06\0\0\0\0");
        out.extend([entries.len() as u8, 0, entries.len() as u8, 0]);
        out.extend((directory.len() as u32).to_le_bytes());
        out.extend(start.to_le_bytes());
        out.extend([0, 0]);
        out
    }

    fn of(bytes: Vec<u8>) -> Option<String> {
        title(Box::new(Cursor::new(bytes))).map(|title| title.name)
    }

    #[test]
    fn names_in_archives() {
        let manifest =
            ("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\r\nImplementation-Title: Shop\r\n");
        assert_eq!(of(zip(b"", &[manifest])).as_deref(), Some("Shop"));
        let yaml = "# x\nserver:\n  port: 1\nspring:\n  application:\n    name: \"orders\"\n";
        let spring = ("BOOT-INF/classes/application.yml", yaml);
        assert_eq!(of(zip(b"", &[manifest, spring])).as_deref(), Some("orders"));
        let flat =
            ("BOOT-INF/classes/application.properties", "a=b\nspring.application.name = shop\n");
        assert_eq!(of(zip(b"", &[flat])).as_deref(), Some("shop"));
        let script = b"#!/bin/sh\nexec java -jar $0\n";
        assert_eq!(of(zip(script, &[])), None);
    }

    #[test]
    fn damage_is_survived() {
        let whole = zip(b"", &[("META-INF/MANIFEST.MF", "Implementation-Title: Shop\n")]);
        for cut in 0..whole.len() {
            let _ = of(whole[..cut].to_vec());
        }
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 0xff;
            let _ = of(bytes);
        }
    }
}
