use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ts_rs::TS;

/// Colours of the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the desktop says.
    #[default]
    System,
    /// Dark.
    Dark,
    /// Light.
    Light,
}

/// Height of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Density {
    /// 24 px
    Dense,
    /// 28 px
    #[default]
    Normal,
    /// 36 px
    Roomy,
}

/// What 100 % CPU means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CpuPer {
    /// All processors together.
    #[default]
    Machine,
    /// One processor.
    Core,
}

/// Units of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ByteUnits {
    /// KiB, MiB: powers of 1024.
    #[default]
    Iec,
    /// kB, MB: powers of 1000.
    Si,
}

/// Language of the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// As the desktop says.
    #[default]
    System,
    /// English.
    En,
    /// Spanish.
    Es,
}

/// How the window looks; kept in the database.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Colours.
    pub theme: Theme,
    /// Height of rows.
    pub density: Density,
    /// What 100 % CPU means.
    pub cpu_per: CpuPer,
    /// Units of bytes.
    pub byte_units: ByteUnits,
    /// Language.
    pub language: Language,
    /// Span of the time bar, seconds: 900 for 15 min.
    pub span_s: Option<u32>,
    /// Whether the sidebar shows icons only.
    pub sidebar_collapsed: bool,
    /// Chosen columns of each table, by table name; at most 32 tables of 64 columns.
    pub columns: BTreeMap<String, Vec<String>>,
}
