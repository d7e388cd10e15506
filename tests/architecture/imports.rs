//! Which file imports from which, read from the `use` lines and the paths of the sources.
//!
//! A name is imported from the file that defines it, through however many `use` lines it is handed
//! on. To declare a module, to name one, and to hand a name on (`pub use`) is no import; to use in a
//! `mod.rs` what a child defines is one.

use std::collections::{BTreeMap, BTreeSet};

use crate::tokens::{Token, tokens};

/// One file names what another one defines.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Import {
    pub(crate) from: String,
    pub(crate) to: String,
    /// Where the name stands in `from`, from 1.
    pub(crate) line: usize,
    /// The name as it is written there.
    pub(crate) name: String,
}

/// All imports between the files of a crate, which are given by their paths below `src` and their texts.
pub(crate) fn imports(sources: &[(String, String)]) -> BTreeSet<Import> {
    let files = sources.iter().map(|(path, text)| File::read(path, text));
    let tree = Tree(files.map(|file| (file.module.clone(), file)).collect());
    let files = tree.0.values();
    files.flat_map(|file| tree.imports_of(file)).collect()
}

/// `["search", "joint"]` is `crate::search::joint`.
type Path = Vec<String>;

struct File {
    name: String,
    module: Path,
    children: BTreeSet<String>,
    /// Each name that a `use` line brings in, and the path behind it.
    uses: Vec<(String, Path)>,
    /// Each name that the file uses, and its line.
    names: Vec<(Path, usize)>,
}

impl File {
    fn read(name: &str, text: &str) -> File {
        let modules = name.trim_end_matches(".rs").split('/');
        let modules = modules.filter(|module| !["mod", "lib"].contains(module));
        let mut file = File {
            name: name.to_string(),
            module: modules.map(str::to_string).collect(),
            children: BTreeSet::new(),
            uses: Vec::new(),
            names: Vec::new(),
        };
        let tokens = tokens(text);
        let mut before = "";
        let mut rest = &tokens[..];
        while let [first, ..] = rest {
            let length = match first.text.as_str() {
                "mod" => file.add_child(&rest[1]),
                // `use<'a>` says which lifetimes a type captures.
                "use" if rest[1].text != "<" => file.add_uses(before, rest),
                _ => file.add_name(before, rest),
            };
            before = &first.text;
            rest = &rest[length..];
        }
        file
    }

    fn add_child(&mut self, name: &Token) -> usize {
        self.children.insert(name.text.clone());
        2
    }

    /// `use a::{b, c::{self, d as e}};`, one name after the other.
    fn add_uses(&mut self, before: &str, tokens: &[Token]) -> usize {
        let is_handed_on = ["pub", ")"].contains(&before);
        let mut path = Path::new();
        // How much of the path each open brace shares.
        let mut shared = vec![0];
        for (at, token) in tokens.iter().enumerate().skip(1) {
            match token.text.as_str() {
                "::" => {}
                "{" => shared.push(path.len()),
                "," | "}" | ";" => {
                    if path.len() > shared[shared.len() - 1] {
                        let (name, path) = named(&path);
                        self.uses.push((name, path.clone()));
                        if !is_handed_on {
                            self.names.push((path, token.line));
                        }
                    }
                    if token.text == ";" {
                        return at + 1;
                    }
                    if token.text == "}" {
                        shared.pop();
                    }
                    path.truncate(shared[shared.len() - 1]);
                }
                word => path.push(word.to_string()),
            }
        }
        panic!("{}: a `use` without an end", self.name)
    }

    /// The path or word that the tokens begin with, if there is one and it can stand for an import.
    fn add_name(&mut self, before: &str, tokens: &[Token]) -> usize {
        if !tokens[0].is_word() {
            return 1;
        }
        let pairs = tokens[1..].chunks_exact(2);
        let further = pairs.take_while(|pair| pair[0].text == "::" && pair[1].is_word());
        let words = tokens[..1].iter().chain(further.map(|pair| &pair[1]));
        let path: Path = words.map(|word| word.text.clone()).collect();
        let length = 2 * path.len() - 1;
        // A single small word is a function where it is called, else most likely a variable.
        let is_type = path[0].starts_with(|first: char| first.is_uppercase());
        let is_called = tokens.get(length).is_some_and(|next| next.text == "(");
        if path.len() > 1 || (is_type || is_called) && ![".", "fn"].contains(&before) {
            self.names.push((path, tokens[0].line));
        }
        length
    }
}

/// The name that a path of a `use` line brings in, and the path without `as` and `self` at the end.
fn named(path: &[String]) -> (String, Path) {
    match path {
        [path @ .., word, name] if word == "as" => (name.clone(), path.to_vec()),
        [path @ .., word] if word == "self" => named(path),
        [.., name] => (name.clone(), path.to_vec()),
        [] => unreachable!("each name has a word"),
    }
}

/// The files by their modules.
struct Tree(BTreeMap<Path, File>);

impl Tree {
    fn imports_of(&self, file: &File) -> Vec<Import> {
        let import = |(path, line): &(Path, usize)| {
            let to = self.defined_in(&absolute(file, path)?)?;
            (to.module != file.module).then(|| Import {
                from: file.name.clone(),
                to: to.name.clone(),
                line: *line,
                name: path.join("::"),
            })
        };
        file.names.iter().filter_map(import).collect()
    }

    /// The file that defines what an absolute path leads to; `None` for modules and other crates.
    fn defined_in(&self, path: &[String]) -> Option<&File> {
        let mut file = &self.0[&Path::new()];
        for (at, word) in path.iter().enumerate() {
            let module = match (word.as_str(), &file.module[..]) {
                ("super", [parent @ .., _]) => parent.to_vec(),
                (_, module) => [module, &path[at..=at]].concat(),
            };
            let child = self.0.get(&module);
            // A function may have the name of the module that it comes from.
            let is_item = child.is_none() || at + 1 == path.len();
            let handed_on = file.uses.iter().find(|(name, _)| is_item && name == word);
            if let Some((_, behind)) = handed_on {
                let behind = absolute(file, behind)?;
                if behind != module {
                    return self.defined_in(&[&behind, &path[at + 1..]].concat());
                }
            }
            match child {
                Some(child) => file = child,
                None => return Some(file),
            }
        }
        None
    }
}

/// A path that a file has, from the root of the crate; `None` where it leads to another crate.
fn absolute(file: &File, path: &[String]) -> Option<Path> {
    rooted(file, path).or_else(|| {
        let (_, behind) = file.uses.iter().find(|(name, _)| *name == path[0])?;
        Some([rooted(file, behind)?, path[1..].to_vec()].concat())
    })
}

fn rooted(file: &File, path: &[String]) -> Option<Path> {
    match path[0].as_str() {
        "crate" | "extentplan" => Some(path[1..].to_vec()),
        "self" => Some([&file.module, &path[1..]].concat()),
        word if word == "super" || file.children.contains(word) => {
            Some([&file.module, path].concat())
        }
        _ => None,
    }
}
