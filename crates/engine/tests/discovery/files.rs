//! Files that a case makes up.

use ira_engine::discovery::{Answer, FactSource, Files, Investigator, Places, Question, Topic};
use ira_model::ProcessKey;
use std::{
    collections::BTreeMap,
    io::Cursor,
    time::{Duration, Instant},
};

/// What is there to be found out.
#[derive(Debug, Clone, Default)]
pub(crate) struct Made {
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    pub(crate) environment: Vec<(String, String)>,
    pub(crate) desktop: Vec<ira_probe::DesktopEntry>,
    pub(crate) containers: BTreeMap<String, ira_probe::ContainerLabel>,
    pub(crate) command_lines: BTreeMap<ProcessKey, Vec<String>>,
    /// Of single processes, in place of `environment`.
    pub(crate) environments: BTreeMap<ProcessKey, Vec<(String, String)>>,
}

impl Places for Made {
    fn files(&self, key: ProcessKey) -> Option<Box<dyn Files>> {
        let command_line = self.command_lines.get(&key).cloned().unwrap_or_default();
        let mut made = self.clone();
        if let Some(own) = self.environments.get(&key) {
            made.environment.clone_from(own);
        }
        Some(Box::new(OfProcess { made, command_line }))
    }

    fn desktop_entries(&mut self) -> &[ira_probe::DesktopEntry] {
        &self.desktop
    }

    fn container(&mut self, id: &str) -> Result<ira_probe::Described, String> {
        let label = self.containers.get(id).cloned().ok_or("nobody knows it")?;
        Ok(ira_probe::Described { label, from: "/run/engine.sock".into(), read: None })
    }

    fn homes(&self) -> &[String] {
        &[]
    }
}

struct OfProcess {
    made: Made,
    command_line: Vec<String>,
}

impl Files for OfProcess {
    fn read(&self, path: &str, at_most: u64) -> Option<Vec<u8>> {
        let mut bytes = self.made.files.get(path).cloned()?;
        bytes.truncate(usize::try_from(at_most).unwrap());
        Some(bytes)
    }

    fn exists(&self, path: &str) -> bool {
        let folder = format!("{path}/");
        self.made.files.keys().any(|name| name == path || name.starts_with(&folder))
    }

    fn names(&self, folder: &str) -> Vec<String> {
        let folder = format!("{folder}/");
        let below = self.made.files.keys().filter_map(|name| name.strip_prefix(&folder));
        below.map(|rest| rest.split('/').next().unwrap().to_owned()).collect()
    }

    fn seekable(&self, path: &str) -> Option<Box<dyn ira_engine::discovery::ReadSeek>> {
        Some(Box::new(Cursor::new(self.made.files.get(path).cloned()?)))
    }

    fn environment(&self, names: &[&str]) -> Vec<(String, String)> {
        let all = self.made.environment.iter();
        all.filter(|(name, _)| names.contains(&name.as_str())).cloned().collect()
    }

    fn command_line(&self) -> Vec<String> {
        self.command_line.clone()
    }
}

/// Answers each question at the next call.
pub(crate) struct AtOnce {
    pub(crate) investigator: Investigator<Made>,
    pub(crate) asked: Vec<Question>,
}

impl FactSource for AtOnce {
    fn ask(&mut self, question: Question) -> bool {
        self.asked.push(question);
        true
    }

    fn answers(&mut self) -> Vec<(Topic, Answer)> {
        let deadline = Instant::now() + Duration::from_secs(60);
        let asked = std::mem::take(&mut self.asked);
        asked
            .into_iter()
            .map(|question| {
                let answer = self.investigator.answer(&question, deadline);
                (question.topic, answer)
            })
            .collect()
    }
}

/// A ZIP file with one entry, not packed.
pub(crate) fn archive(name: &str, text: &str) -> Vec<u8> {
    let size = (text.len() as u32).to_le_bytes();
    let mut sizes = vec![20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    sizes.extend(size);
    sizes.extend(size);
    sizes.extend((name.len() as u16).to_le_bytes());
    sizes.extend([0, 0]);
    let mut out = b"PK\x03\x04".to_vec();
    out.extend(&sizes);
    out.extend(name.as_bytes());
    out.extend(text.as_bytes());
    let start = out.len() as u32;
    out.extend(b"PK\x01\x02\x14\x00");
    out.extend(&sizes);
    out.extend([0; 14]);
    out.extend(name.as_bytes());
    let length = out.len() as u32 - start;
    out.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    out.extend(length.to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0, 0]);
    out
}
