//! Requests of every command as their generated types say, so that a new command is covered unnamed.

use serde_json::{Map, Value, json};
use std::{collections::HashMap, fs, path::PathBuf};

/// What a type of the bindings can be.
#[derive(Debug, Clone)]
enum Type {
    Fields(Vec<(String, Type)>),
    List(Box<Type>),
    OneOf(Vec<Type>),
    Just(Value),
}

/// Name of each command, and requests of it in which each variant of each type is there once.
pub(super) fn requests() -> Vec<(String, Vec<Value>)> {
    let mut bindings = Bindings::default();
    let commands = bindings.text("commands");
    let (_, list) = commands.split_once("export interface Commands {").unwrap();
    let (list, _) = list.split_once("\n}").unwrap();
    list.lines()
        .filter_map(|line| line.split_once(": { request: "))
        .map(|(name, rest)| {
            let request = bindings.named(rest.split(';').next().unwrap());
            (name.trim().to_owned(), samples(&request))
        })
        .collect()
}

/// Every place in a value, by its JSON pointer.
pub(super) fn places(value: &Value) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut below = |name: String, value: &Value| {
        found.extend(places(value).into_iter().map(|place| format!("/{name}{place}")));
    };
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, one)| below(name.clone(), one)),
        Value::Array(all) => {
            all.iter().enumerate().for_each(|(at, one)| below(at.to_string(), one))
        }
        _ => {}
    }
    found
}

fn samples(of: &Type) -> Vec<Value> {
    match of {
        Type::Just(value) => vec![value.clone()],
        Type::OneOf(all) => all.iter().flat_map(samples).collect(),
        Type::List(of) => vec![Value::Array(samples(of))],
        Type::Fields(fields) => {
            let fields: Vec<(&String, Vec<Value>)> =
                fields.iter().map(|(name, of)| (name, samples(of))).collect();
            let most = fields.iter().map(|(_, all)| all.len()).max().unwrap_or(1);
            let nth = |at: usize| {
                let each = fields
                    .iter()
                    .map(|(name, all)| ((*name).clone(), all[at.min(all.len() - 1)].clone()));
                Value::Object(each.collect::<Map<_, _>>())
            };
            (0..most).map(nth).collect()
        }
    }
}

/// The generated types, each read once.
#[derive(Default)]
struct Bindings(HashMap<String, Type>);

impl Bindings {
    fn text(&self, name: &str) -> String {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../ui/src/bindings");
        fs::read_to_string(folder.join(format!("{name}.ts"))).unwrap()
    }

    fn named(&mut self, name: &str) -> Type {
        if let Some(known) = self.0.get(name) {
            return known.clone();
        }
        let text = self.text(name);
        let (_, text) = text.split_once(&format!("export type {name} = ")).unwrap();
        let words = words(text);
        let mut rest = words.as_slice();
        let found = self.read(&mut rest);
        assert_eq!(rest, [";"], "{name} is not understood");
        self.0.insert(name.to_owned(), found.clone());
        found
    }

    /// A union, or what stands alone.
    fn read(&mut self, rest: &mut &[String]) -> Type {
        let mut all = vec![self.read_one(rest)];
        while take(rest, "|") {
            all.push(self.read_one(rest));
        }
        if all.len() == 1 { all.remove(0) } else { Type::OneOf(all) }
    }

    fn read_one(&mut self, rest: &mut &[String]) -> Type {
        let word = next(rest);
        match word.as_str() {
            "string" => Type::Just(json!("x")),
            "number" => Type::Just(json!(1)),
            "boolean" => Type::Just(json!(true)),
            "null" => Type::Just(Value::Null),
            "Record" => {
                // A request without fields.
                while next(rest) != ">" {}
                Type::Fields(Vec::new())
            }
            "Array" => {
                assert!(take(rest, "<"));
                let of = self.read(rest);
                assert!(take(rest, ">"));
                Type::List(Box::new(of))
            }
            "{" if rest.first().is_some_and(|word| word == "[") => {
                // `[key in string]?: …`
                while next(rest) != ":" {}
                let of = self.read(rest);
                take(rest, ",");
                assert!(take(rest, "}"));
                Type::Fields(vec![("x".to_owned(), of)])
            }
            "{" => {
                let mut fields = Vec::new();
                while !take(rest, "}") {
                    let name = next(rest).trim_matches('"').to_owned();
                    assert!(take(rest, ":"), "{name}");
                    fields.push((name, self.read(rest)));
                    take(rest, ",");
                }
                Type::Fields(fields)
            }
            text if text.starts_with('"') => Type::Just(json!(text.trim_matches('"'))),
            name => self.named(name),
        }
    }
}

fn next(rest: &mut &[String]) -> String {
    let (first, others) = rest.split_first().expect("it goes on");
    *rest = others;
    first.clone()
}

fn take(rest: &mut &[String], word: &str) -> bool {
    let is = rest.first().is_some_and(|first| first == word);
    if is {
        next(rest);
    }
    is
}

/// Words, strings and signs, without comments.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("/*") {
            let length = rest.find("*/").unwrap() + 2;
            rest = rest[length..].trim_start();
            continue;
        } else if first == '"' {
            rest[1..].find('"').unwrap() + 2
        } else if first.is_alphanumeric() || first == '_' {
            rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        words.push(rest[..length].to_owned());
        rest = rest[length..].trim_start();
    }
    words
}
