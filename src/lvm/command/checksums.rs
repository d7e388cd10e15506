//! `lvcreate --raidintegrity y`: LVM2 makes the volume, and then adds the checksums as `lvconvert` does. Here these are two
//! commands.

use crate::lvm::command::read::read_step_by;
use crate::lvm::command::step::{Step, TypedStep};
use crate::lvm::{CommandError, Program, Settings};

/// The options of checksums, each of which has a value.
const OPTIONS: [&str; 3] = [
    "--raidintegrity",
    "--raidintegritymode",
    "--raidintegrityblocksize",
];

/// Reads any command that a plan may have in it: as one, or as two where a volume is made with checksums.
///
/// # Errors
/// [`CommandError`].
pub fn read_steps_by(
    words: &[String],
    settings: &Settings,
) -> Result<Vec<TypedStep>, CommandError> {
    let Apart {
        rest,
        options,
        wants,
    } = apart(words);
    let Some(wants) = wants else {
        return Ok(vec![read_step_by(words, settings)?]);
    };
    let made = read_step_by(&rest, settings)?;
    let Step::Volume(command) = &made.step else {
        return Ok(vec![read_step_by(words, settings)?]);
    };
    if !wants {
        return Ok(vec![made]);
    }
    let name = command.name.as_ref().ok_or(CommandError::Missing {
        command: Program::LvCreate,
        what: "the name (-n), which checksums need,",
    })?;
    let path = match &command.volume_group {
        Some(group) => format!("{group}/{name}"),
        None => name.clone(),
    };
    let lvconvert = [vec!["lvconvert".to_string()], options, vec![path]].concat();
    Ok(vec![made, read_step_by(&lvconvert, settings)?])
}

/// A command without its options of checksums, these, and what they ask for.
struct Apart {
    rest: Vec<String>,
    options: Vec<String>,
    /// `None` where they say nothing, or this is no `lvcreate`.
    wants: Option<bool>,
}

fn apart(words: &[String]) -> Apart {
    let mut found = Apart {
        rest: Vec::new(),
        options: Vec::new(),
        wants: None,
    };
    let program = |word: &String| Program::from_word(word) == Some(Program::LvCreate);
    if !words.iter().take(3).any(program) {
        return found;
    }
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let (option, value) = match word.split_once('=') {
            Some((option, value)) => (option, Some(value.to_string())),
            None => (word.as_str(), None),
        };
        let is_of_checksums = |known: &&&str| {
            **known == option || option.len() > OPTIONS[0].len() && known.starts_with(option)
        };
        let Some(option) = OPTIONS.iter().find(is_of_checksums) else {
            found.rest.push(word.clone());
            continue;
        };
        let value = value.or_else(|| words.next().cloned()).unwrap_or_default();
        if *option == OPTIONS[0] {
            found.wants = match value.as_str() {
                "y" => Some(true),
                "n" => Some(false),
                _ => {
                    return Apart {
                        wants: None,
                        ..found
                    };
                }
            };
        }
        found.options.extend([option.to_string(), value]);
    }
    found
}
