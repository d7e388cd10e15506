//! Which form of a command is meant, and what it does not take: `forms.txt` has the forms that LVM2's help lists.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use crate::lvm::Program;
use crate::lvm::simulate::Refusal;
use crate::lvm::simulate::given::Given;

/// The forms of all commands; see `tests/lvm2/forms.py`.
const FORMS: &str = include_str!("forms.txt");

/// A command: what all its forms allow, and the forms, in LVM2's order.
#[derive(Default)]
struct Command {
    common: BTreeSet<&'static str>,
    forms: Vec<Form>,
}

/// One way to use a command.
#[derive(Default)]
struct Form {
    /// Options that it needs, `type=WORD` among them.
    options: Vec<&'static str>,
    /// Of these options it needs one.
    any: Vec<&'static str>,
    /// Arguments that it needs.
    arguments: Vec<&'static str>,
    /// Whether more arguments may follow.
    takes_more: bool,
    /// Options that it takes.
    allows: BTreeSet<&'static str>,
}

static COMMANDS: LazyLock<BTreeMap<&'static str, Command>> = LazyLock::new(|| {
    let mut commands: BTreeMap<&'static str, Command> = BTreeMap::new();
    for line in FORMS.lines() {
        let (needs, allows) = line.split_once(':').unwrap_or((line, ""));
        let mut needs = needs.split_whitespace();
        let command = commands
            .entry(needs.next().unwrap_or_default())
            .or_default();
        let mut form = Form {
            allows: allows.split_whitespace().collect(),
            ..Form::default()
        };
        let mut is_common = false;
        for word in needs {
            match (word, word.strip_prefix("any=")) {
                ("*", _) => is_common = true,
                (_, Some(names)) => form.any = names.split('|').collect(),
                _ if word.starts_with(char::is_lowercase) => form.options.push(word),
                _ if word.ends_with('*') => form.takes_more = true,
                _ => form.arguments.push(word),
            }
        }
        match is_common {
            true => command.common = form.allows,
            false => command.forms.push(form),
        }
    }
    commands
});

/// An option as it was typed.
struct Typed<'g> {
    /// As forms name it.
    name: &'g str,
    /// As it was typed.
    word: &'g str,
    value: &'g str,
}

/// How a form fits what was typed.
struct Fit<'g> {
    /// Options that it needs, or needs one of.
    needed: usize,
    /// What it does not take.
    odd: Vec<&'g Typed<'g>>,
    /// Arguments beyond those that it takes.
    extra: Option<&'g String>,
}

/// Refuses what no form of the command takes.
///
/// The form that is meant is the one that leaves fewest options over, of several the one of which most needed options
/// are there, and of these the first.
///
/// # Errors
/// LVM2's refusal.
pub(crate) fn check_form(program: Program, given: &Given) -> Result<(), Refusal> {
    let Some(command) = COMMANDS.get(program.name()) else {
        return Ok(());
    };
    let typed: Vec<Typed> = given
        .options
        .iter()
        .map(|(word, value)| Typed {
            name: match *word {
                "corelog" => "mirrorlog",
                "available" => "activate",
                word => word,
            },
            word,
            value,
        })
        .filter(|option| command.knows(option.name))
        .collect();
    let mut best: Option<Fit> = None;
    let mut is_near = command.forms.len() == 1;
    for form in &command.forms {
        let needed = form.needed(&typed);
        is_near |= needed > 0;
        if !form.has_options(&typed) || !form.has_arguments(program, given) {
            continue;
        }
        // One stripe and no mirrors are what is new has anyway.
        let is_nothing = |one: &&Typed| {
            program == Program::LvCreate
                && matches!((one.name, one.value), ("stripes", "1") | ("mirrors", "0"))
        };
        let odd = typed
            .iter()
            .filter(|one| !form.takes(command, one) && !is_nothing(one));
        let fit = Fit {
            needed,
            odd: odd.collect(),
            extra: given
                .arguments
                .get(form.arguments.len())
                .filter(|_| !form.takes_more),
        };
        // A type is never left over.
        if fit.odd.iter().any(|option| option.name == "type") {
            continue;
        }
        let is_better = |best: &Fit| {
            fit.odd.len() < best.odd.len()
                || fit.odd.len() == best.odd.len() && fit.needed > best.needed
        };
        if best.as_ref().is_none_or(is_better) {
            best = Some(fit);
        }
    }
    match best {
        None => Err(no_match(program, is_near)),
        Some(fit) if !fit.odd.is_empty() => Err(not_taken(fit.odd)),
        Some(Fit {
            extra: Some(argument),
            ..
        }) => Err(Refusal::new(format!(
            "Command does not accept argument: {argument}."
        ))),
        Some(_) => Ok(()),
    }
}

impl Command {
    /// Whether any form has the option; newer ones are of no form here.
    fn knows(&self, name: &str) -> bool {
        let has = |form: &Form| {
            let is_it = |option: &&str| option.split('=').next() == Some(name);
            form.options.iter().any(is_it)
                || form.any.contains(&name)
                || form.allows.iter().any(is_it)
        };
        self.common.contains(name) || self.forms.iter().any(has)
    }
}

impl Form {
    /// How many of the options that it needs, or needs one of, are there.
    fn needed(&self, typed: &[Typed]) -> usize {
        let is_there = |word: &&&str| typed.iter().any(|one| is(word, one));
        self.options
            .iter()
            .chain(&self.any)
            .filter(is_there)
            .count()
    }

    fn has_options(&self, typed: &[Typed]) -> bool {
        let is_there = |word: &&str| typed.iter().any(|one| is(word, one));
        // A number that stays is a form of its own.
        let is_any = |one: &Typed| {
            self.any.contains(&one.name) && (one.name != "persistent" || one.value != "y")
        };
        self.options.iter().all(is_there) && (self.any.is_empty() || typed.iter().any(is_any))
    }

    fn takes(&self, command: &Command, option: &Typed) -> bool {
        let is_it = |word: &&str| is(word, option);
        // A size in extents is taken by all, and may play no part.
        option.name == "extents"
            || self.options.iter().any(is_it)
            || self.any.contains(&option.name)
            || self.allows.iter().any(is_it)
            || command.common.contains(option.name)
    }

    /// A group need not be named where an option does that.
    fn has_arguments(&self, program: Program, given: &Given) -> bool {
        let creates = program == Program::LvCreate;
        let naming = ["thinpool", "cachepool", "name"];
        let mut paths = naming.iter().filter_map(|option| given.get(option));
        // The group of what is planned may be known without.
        let is_named = creates && given.arguments.is_empty()
            || paths.any(|path| path.contains('/')) && self.arguments == ["VG"];
        given.arguments.len() >= self.arguments.len() || given.has("select") || is_named
    }
}

/// Whether a word of a form stands for an option.
fn is(word: &str, option: &Typed) -> bool {
    match word.split_once('=') {
        None if word == "size" => matches!(option.name, "size" | "extents"),
        None => word == option.name,
        Some((name, values)) => {
            let is_value = |value: &str| {
                value == option.value || value == "raid" && option.value.starts_with("raid")
            };
            name == option.name && values.split('|').any(is_value)
        }
    }
}

/// What LVM2 says of options that a form does not take, in its own order of them.
fn not_taken(mut odd: Vec<&Typed>) -> Refusal {
    odd.sort_by_key(|option| place(option));
    let lines = odd.into_iter().map(|option| {
        let is_flag =
            option.value.is_empty() || option.word != option.name || option.name == "minor";
        let value = match is_flag {
            true => String::new(),
            false => format!(" {}", option.value),
        };
        format!("Command does not accept option: --{}{value}.", option.name)
    });
    Refusal::lines(lines.collect::<Vec<_>>())
}

/// Those without a letter come first, then by letter.
fn place<'t>(option: &Typed<'t>) -> (u8, &'t str) {
    const LETTERS: [(&str, &str); 33] = [
        ("activate", "a"),
        ("autobackup", "a2"),
        ("background", "b"),
        ("chunksize", "c"),
        ("contiguous", "c2"),
        ("debug", "d"),
        ("force", "f"),
        ("help", "h"),
        ("cache", "h2"),
        ("stripes", "i"),
        ("interval", "i1"),
        ("stripesize", "i2"),
        ("major", "j"),
        ("setactivationskip", "k"),
        ("ignoreactivationskip", "k2"),
        ("extents", "l"),
        ("size", "l2"),
        ("mirrors", "m"),
        ("persistent", "m2"),
        ("name", "n"),
        ("nofsck", "n1"),
        ("permission", "p"),
        ("partial", "p2"),
        ("quiet", "q"),
        ("readahead", "r"),
        ("resizefs", "r1"),
        ("regionsize", "r2"),
        ("snapshot", "s"),
        ("test", "t"),
        ("thin", "t2"),
        ("virtualsize", "v2"),
        ("wipesignatures", "w"),
        ("zero", "z"),
    ];
    let letter = LETTERS.iter().find(|(name, _)| *name == option.name);
    match (letter, option.name) {
        (Some((_, letter)), _) => (2, letter),
        (None, "cachepolicy") => (1, "cachepolicy"),
        (None, "mirrorlog") if option.word == "corelog" => (1, "mirrorlog"),
        (None, name) => (0, name),
    }
}

/// That no form of a command is meant.
fn no_match(program: Program, is_near: bool) -> Refusal {
    let refusal = Refusal::new(format!(
        "No command with matching syntax recognised.  Run '{program} --help' for more information."
    ));
    match program {
        Program::LvReduce => refusal.and("Correct command syntax is:"),
        _ if is_near => refusal.and("Nearest similar command has syntax:"),
        _ => refusal,
    }
}
