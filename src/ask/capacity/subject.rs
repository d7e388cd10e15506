//! What `extentplan capacity` is asked about: a pool, requests in either vocabulary, and which of them.

use std::collections::BTreeMap;

use crate::ask::capacity::model::{Asked, GroupModel};
use crate::ask::fault::{Fault, Result, fault};
use crate::ask::pool::{Pool, Settled};
use crate::ask::task::{Requests, Typed, blamed};
use crate::capacity::{Fixed, Held, Prefer, Purchase};
use crate::core::{Area, Problem, Size, is_printable};
use crate::json;
use crate::lvm;

/// What the answers are about.
pub(crate) struct Subject {
    pub(crate) asked: Asked,
    /// Index of the request that the largest size and the count are about.
    pub(crate) request: usize,
    pub(crate) extent_bytes: Option<u64>,
    pub(crate) held: Vec<Held>,
    /// Whether the size of the request is the question.
    pub(crate) is_open: bool,
    /// The group and how LVM2 behaves, where there is one.
    pub(crate) group: Option<(lvm::VolumeGroup, lvm::Settings)>,
}

/// The pool with what is asked of it, in the vocabulary of the requests.
pub(crate) enum Gathered {
    /// Sources and requests of our own.
    Native(Problem),
    /// A volume group and commands.
    Group {
        group: Box<lvm::VolumeGroup>,
        /// Those without a size with the smallest.
        commands: Vec<(String, lvm::LvCommand)>,
        settings: lvm::Settings,
        /// Whether one had no size.
        is_open: bool,
    },
}

/// A question about capacity, as its user puts it.
#[derive(Clone, Debug, Default)]
pub struct CapacityQuestion {
    /// Requests beside the commands.
    pub requests: Requests,
    /// Commands of LVM2 in words, the first of each the program; the size may be left out.
    pub commands: Vec<Vec<String>>,
    /// The request that the count and the largest size are about, by name; the first if none is named.
    pub request: Option<String>,
    /// How many of the request fit, counted up to this.
    pub count: Option<u64>,
    /// Which of the requests fit together.
    pub prefer: Option<Prefer>,
    /// What to add so that all requests fit.
    pub add: bool,
    /// Sizes of disks that can be bought, such as `4T`, or extents as a plain number; asks what to add.
    pub disks: Vec<String>,
    /// Tags of these.
    pub tags: Vec<String>,
    /// Why the requests do not fit.
    pub why: bool,
}

impl CapacityQuestion {
    /// The pool and the requests, and the bytes of an extent.
    ///
    /// # Errors
    /// If the requests cannot be read, or do not go together with the pool.
    pub(crate) fn gathered(&self, asked: Settled) -> Result<(Gathered, Option<u64>)> {
        let Settled {
            pool,
            name,
            settings,
        } = asked;
        let extent_bytes = pool.extent_bytes();
        let (mut commands, is_open) = self.commands()?;
        if let Requests::Commands(lines) = &self.requests {
            let lines: Vec<_> = lines.iter().map(request).collect::<Result<_>>()?;
            commands.splice(0..0, lines);
        }
        let gathered = match (&self.requests, pool) {
            (Requests::Native { .. }, _) if !commands.is_empty() => {
                return Err(fault!(
                    "requests are given as a JSON file and as LVM2 commands; give one of them"
                ));
            }
            (Requests::Native { text, name }, pool) => {
                let problem = json::read_requests(text, pool.sources());
                Gathered::Native(problem.map_err(|error| Fault::json(name, &error))?)
            }
            (Requests::None, Pool::Native(document)) if commands.is_empty() => {
                Gathered::Native(document.problem)
            }
            (Requests::None | Requests::Commands(_), pool) => Gathered::Group {
                group: Box::new(pool.into_group(name)?),
                commands,
                settings,
                is_open,
            },
        };
        Ok((gathered, extent_bytes))
    }

    /// What is asked about.
    ///
    /// # Errors
    /// Those of [`CapacityQuestion::gathered`], and if nothing is requested.
    pub(crate) fn subject(&self, asked: Settled) -> Result<Subject> {
        let name = asked.name;
        let (gathered, extent_bytes) = self.gathered(asked)?;
        let mut known = None;
        let (asked, held, is_open) = match gathered {
            Gathered::Native(problem) => (Asked::Native(Fixed(problem)), Vec::new(), false),
            Gathered::Group {
                group,
                commands,
                settings,
                is_open,
            } => {
                let held = held_extents(&group);
                known = Some(((*group).clone(), settings.clone()));
                let (origins, mut plain): (Vec<String>, Vec<lvm::LvCommand>) =
                    commands.into_iter().unzip();
                for command in &mut plain {
                    lvm::name_type(command, &settings);
                }
                let model = GroupModel::new(*group, &plain, settings);
                let model = model.map_err(|error| blamed(&error, &origins))?;
                (Asked::Group(Box::new(model)), held, is_open)
            }
        };
        let problem = asked.model().problem();
        let request = self.asked_request(problem, name)?;
        let at_most = matches!(problem.requests()[request].size, Size::AtMost(_));
        Ok(Subject {
            is_open: is_open || at_most,
            request,
            extent_bytes,
            held,
            asked,
            group: known,
        })
    }

    fn asked_request(&self, problem: &Problem, name: &str) -> Result<usize> {
        let requests = problem.requests();
        match &self.request {
            None if requests.is_empty() => Err(fault!(
                "{name}: nothing is requested; give requests in a file, or as `-- lvcreate ARGS`"
            )),
            None => Ok(0),
            Some(name) => {
                let found = requests.iter().position(|request| request.name == *name);
                found.ok_or_else(|| fault!("--request {name}: there is no such request"))
            }
        }
    }

    /// Looks over the commands without a pool.
    ///
    /// # Errors
    /// If one is none.
    pub fn check(&self) -> Result<()> {
        self.commands().map(|_| ())
    }

    /// The commands behind `--`, those without a size with the smallest, and whether there is one.
    fn commands(&self) -> Result<(Vec<(String, lvm::LvCommand)>, bool)> {
        let mut commands = Vec::new();
        let mut is_open = false;
        for words in &self.commands {
            let command = match lvm::read_command(words) {
                // To LVM2 this means all of those disks; here, as with any other, as much as there can be.
                Ok(mut command) if is_extend_without_size(&command) => {
                    is_open = true;
                    command.size = Some(lvm::SizeArgument::more_extents(1));
                    Ok(command)
                }
                Err(lvm::CommandError::Missing { command, what }) if what.contains("-L") => {
                    is_open = true;
                    let smallest = match command {
                        lvm::Program::LvExtend => "+1",
                        _ => "1",
                    };
                    let mut sized = words.clone();
                    sized.insert(1, "-l".to_string());
                    sized.insert(2, smallest.to_string());
                    lvm::read_command(&sized)
                }
                other => other,
            };
            let origin = words.join(" ");
            let index = commands.len();
            let command = command.map_err(|error| fault!("{origin}: {error}").of_request(index))?;
            commands.push((origin, command));
        }
        Ok((commands, is_open))
    }

    /// What may be bought.
    ///
    /// # Errors
    /// If a size is none.
    pub(crate) fn purchase(&self, extent_bytes: Option<u64>) -> Result<Purchase> {
        shown(&self.tags)?;
        if !self.commands.is_empty() {
            let checked = self.tags.iter().try_for_each(|tag| lvm::check_tag(tag));
            checked.map_err(|error| fault!("--tag: {error}"))?;
        }
        let sizes = self.disks.iter().map(|word| {
            let extents = disk_extents(word, extent_bytes);
            extents.map_err(|error| fault!("--disk {word}: {error}"))
        });
        Ok(Purchase {
            sizes: sizes.collect::<Result<_>>()?,
            tags: self
                .tags
                .iter()
                .map(|tag| tag.trim_start_matches('@').to_string())
                .collect(),
        })
    }
}

/// Refuses tags that cannot be shown.
///
/// # Errors
/// If there is one.
pub(crate) fn shown(tags: &[String]) -> Result<()> {
    match tags.iter().find(|tag| !tag.chars().all(is_printable)) {
        None => Ok(()),
        Some(tag) => Err(fault!(
            "tag `{tag}` has control characters, or letters that do not show"
        )),
    }
}

/// A command of a script that is a request.
fn request(typed: &Typed) -> Result<(String, lvm::LvCommand)> {
    match &typed.step.step {
        lvm::Step::Volume(command) => Ok((typed.origin.clone(), command.clone())),
        _ => Err(fault!(
            "{}: `{}` is no request; say what changes the pool in a scenario (--scenario)",
            typed.origin,
            typed.step.program
        )),
    }
}

/// Whether a volume is to grow by what the physical volumes that are named have.
fn is_extend_without_size(command: &lvm::LvCommand) -> bool {
    command.verb == lvm::Verb::Extend && command.size.is_none() && command.pool_metadata.is_none()
}

/// The extents of a disk of a size.
fn disk_extents(word: &str, extent_bytes: Option<u64>) -> Result<u64> {
    if !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit()) {
        let extents = word
            .parse()
            .map_err(|error| fault!("more than 2^64 - 1 extents: {error}"))?;
        if extents == 0 {
            return Err(fault!("expected at least one extent"));
        }
        return Ok(extents);
    }
    let extent_bytes =
        extent_bytes.ok_or_else(|| fault!("the pool does not say how large an extent is"))?;
    let size = lvm::SizeArgument::read_size(word)
        .map_err(|expected| fault!("found `{word}`, expected {expected}"))?;
    let lvm::Amount::Sectors(sectors) = size.amount else {
        return Err(fault!("expected a size such as 4T"));
    };
    let extents = lvm::disk_extents(sectors, extent_bytes);
    if extents == 0 {
        return Err(fault!("it holds not even one extent"));
    }
    Ok(extents)
}

/// Who holds which extents: hidden volumes count for the visible ones that lie on them.
fn held_extents(group: &lvm::VolumeGroup) -> Vec<Held> {
    let mut held: BTreeMap<(String, usize), Vec<Area>> = BTreeMap::new();
    for (volume, owners) in group.logical_volumes.iter().zip(lvm::owners(group)) {
        let holder = owners.join(" and ");
        let segments = volume.segments.iter().flat_map(lvm::LvSegment::physical);
        for (source, area) in segments {
            held.entry((holder.clone(), source)).or_default().push(area);
        }
    }
    held.into_iter()
        .map(|((holder, source), areas)| Held {
            holder,
            source,
            areas: areas.into_iter().collect(),
        })
        .collect()
}
