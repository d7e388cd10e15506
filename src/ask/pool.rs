//! Where the extents are: an LVM2 volume group or a problem of our own, recognised by its content.

use std::collections::BTreeSet;

use crate::ask::fault::{Fault, Result, fault};
use crate::core::{Area, Source};
use crate::json;
use crate::lvm;
use crate::scenario::{Scenario, ScenarioError};
use crate::show::Holding;

/// What a pool turned out to be.
#[derive(Clone, Debug)]
pub enum Pool {
    /// A problem of our own, perhaps without requests.
    Native(json::Document),
    /// A volume group.
    Group(lvm::VolumeGroup),
}

/// A pool to be asked about, what messages call it, and how LVM2 behaves.
#[derive(Clone, Debug)]
pub struct Settled<'a> {
    /// The pool, after the changes of a scenario.
    pub pool: Pool,
    /// What messages call it.
    pub name: &'a str,
    /// How LVM2 behaves.
    pub settings: lvm::Settings,
}

/// A pool as LVM2 itself would go through it.
#[derive(Debug)]
pub struct InOrder {
    /// The pool, after the changes of a scenario.
    pub(crate) pool: Pool,
    /// The commands that make these in a volume group, where there is a scenario.
    pub(crate) before: Option<Vec<lvm::Interlude>>,
    /// What a volume group is known by before them.
    pub(crate) start: Option<lvm::Start>,
    /// The disks that they add or resize.
    pub(crate) sized: BTreeSet<String>,
    /// How LVM2 behaves.
    pub(crate) settings: lvm::Settings,
}

impl InOrder {
    /// How LVM2 behaves.
    #[must_use]
    pub fn settings(&self) -> &lvm::Settings {
        &self.settings
    }

    /// The pool with the changes of a scenario, where there is one.
    ///
    /// # Errors
    /// If a change cannot be made.
    pub fn of(
        pool: Pool,
        scenario: Option<&Scenario>,
        settings: lvm::Settings,
    ) -> Result<InOrder, ScenarioError> {
        let start = match &pool {
            Pool::Group(group) => Some(lvm::Start::of(group)),
            Pool::Native(_) => None,
        };
        let Some(scenario) = scenario else {
            return Ok(InOrder {
                pool,
                before: None,
                start,
                sized: BTreeSet::new(),
                settings,
            });
        };
        let before = match &pool {
            Pool::Group(group) => Some(scenario.commands(group)?),
            Pool::Native(_) => None,
        };
        Ok(InOrder {
            pool: pool.changed(scenario, &settings)?,
            before,
            start,
            sized: scenario.sized_disks(),
            settings,
        })
    }
}

impl Pool {
    /// The pool of a text that `name` has in messages; of a report that holds several volume groups, the one that is
    /// `wanted`.
    ///
    /// # Errors
    /// If the text is nothing that is known, is malformed, or holds several volume groups of which none is named.
    pub fn read(text: &str, name: &str, wanted: Option<&str>) -> Result<Pool> {
        pick(Pool::read_all(text, name)?, wanted, name)
    }

    /// The pools of a text that `name` has in messages: of a report every volume group that it holds.
    ///
    /// # Errors
    /// If the text is nothing that is known, or is malformed.
    pub fn read_all(text: &str, name: &str) -> Result<Vec<Pool>> {
        if text.trim().is_empty() {
            return Err(fault!(
                "{name} is empty; expected LVM2 metadata, an LVM2 JSON report or a problem"
            ));
        }
        let start = text.trim_start_matches('\u{feff}').trim_start();
        let is_report = lvm::looks_like_report(text);
        if start.starts_with('{') && !is_report {
            let document = json::read_document(text);
            let document = document.map_err(|error| Fault::json(name, &error))?;
            return Ok(vec![Pool::Native(document)]);
        }
        let groups = if is_report {
            lvm::read_reports(text).map_err(|error| Fault::report(name, &error))?
        } else {
            vec![lvm::read(text).map_err(|error| not_metadata(text, name, &error))?]
        };
        Ok(groups.into_iter().map(Pool::Group).collect())
    }

    /// The name of the volume group, where it is one.
    #[must_use]
    pub fn group_name(&self) -> Option<&str> {
        match self {
            Pool::Native(_) => None,
            Pool::Group(group) => Some(&group.name),
        }
    }

    /// Refuses what has a name that LVM2 would not give, with its place where the text has it.
    ///
    /// # Errors
    /// If there is such a name.
    pub fn check_names(&self, text: &str, name: &str) -> Result<()> {
        let Pool::Group(group) = self else {
            // Problems are checked as they are read.
            return Ok(());
        };
        let Err(error) = lvm::check_names(group) else {
            return Ok(());
        };
        if lvm::looks_like_report(text) {
            let place = json::position_of_string(text, &error.name);
            let shown = place.map_or(String::new(), |place| format!("{place}: "));
            return Err(fault!("{name}: {shown}{error}").at(place));
        }
        Err(match lvm::misnamed(text, &error) {
            Some(placed) => Fault::text(placed.render(name), &placed),
            None => fault!("{name}: {error}"),
        })
    }

    /// What is to be said about a report that may have its physical volumes in another order than the
    /// group: LVM2's own allocator goes by that, and what is said about it may be wrong.
    #[must_use]
    pub fn order_note(&self, text: &str, name: &str) -> Option<String> {
        let Pool::Group(group) = self else {
            return None;
        };
        let devices: Vec<&String> = group.physical_volumes.iter().map(|v| &v.device).collect();
        let is_by_name = devices.len() > 1 && devices.is_sorted();
        (is_by_name && lvm::looks_like_report(text)).then(|| {
            format!(
                "{name}: the report lists the physical volumes of `{}` by name, and LVM2 allocates in the \
                 order of the metadata; for what LVM2 itself would do take the report with `--configreport \
                 pv -O ''`, or metadata (vgcfgbackup)",
                group.name
            )
        })
    }

    /// What a report leaves open that LVM2 may refuse a plan for; `name` is that of the report.
    #[must_use]
    pub fn unsaid_note(&self, name: &str) -> Option<String> {
        let Pool::Group(group) = self else {
            return None;
        };
        let words: Vec<String> = group.unsaid.iter().map(ToString::to_string).collect();
        (!words.is_empty()).then(|| {
            format!(
                "{name}: of `{}` the report does not say {}: what is usual is taken, and LVM2 may refuse what is planned so; \
                 `lvm fullreport --all --reportformat json --units s --nosuffix`, or metadata (vgcfgbackup), says it",
                group.name,
                words.join(", ")
            )
        })
    }

    /// The pool as a volume group, for LVM2 commands to be planned on.
    ///
    /// # Errors
    /// If it is a problem that does not say how large an extent is, or no command could say its names.
    pub fn into_group(self, name: &str) -> Result<lvm::VolumeGroup> {
        let document = match self {
            Pool::Group(group) => return Ok(group),
            Pool::Native(document) => document,
        };
        let Some(extent_bytes) = document.extent_bytes else {
            return Err(fault!(
                "{name}: `extent_bytes` is missing; LVM2 commands need to know how large an extent is"
            ));
        };
        let group = lvm::VolumeGroup::of_sources(document.problem.sources(), extent_bytes);
        let group = group.map_err(|error| fault!("{name}: {error}"))?;
        lvm::check_names(&group).map_err(|error| fault!("{name}: {error}"))?;
        Ok(group)
    }

    /// The pool after the changes of a scenario.
    ///
    /// # Errors
    /// [`ScenarioError`].
    pub fn changed(
        &self,
        scenario: &Scenario,
        settings: &lvm::Settings,
    ) -> Result<Pool, ScenarioError> {
        Ok(match self {
            Pool::Group(group) => Pool::Group(scenario.applied_to_group(group, settings)?),
            Pool::Native(document) => Pool::Native(json::Document {
                problem: scenario.applied_to_problem(&document.problem, document.extent_bytes)?,
                extent_bytes: document.extent_bytes,
            }),
        })
    }

    /// The pool with every name as it can be shown. Problems have no other names.
    #[must_use]
    pub fn printable(self) -> Pool {
        match self {
            Pool::Native(document) => Pool::Native(document),
            Pool::Group(group) => Pool::Group(group.printable()),
        }
    }

    /// The sources alone.
    #[must_use]
    pub fn sources(&self) -> Vec<Source> {
        match self {
            Pool::Native(document) => document.problem.sources().to_vec(),
            Pool::Group(group) => lvm::sources(group),
        }
    }

    /// Bytes of an extent, if the pool says so.
    #[must_use]
    pub fn extent_bytes(&self) -> Option<u64> {
        match self {
            Pool::Native(document) => document.extent_bytes,
            Pool::Group(group) => Some(group.extent_bytes()),
        }
    }

    /// Who holds what already: one mark per logical volume that users know, with the marks' meanings.
    #[must_use]
    pub fn holdings(&self) -> (Vec<Holding>, Vec<(char, String)>) {
        let Pool::Group(group) = self else {
            return (Vec::new(), Vec::new());
        };
        let mut holdings = Vec::new();
        let mut legend: Vec<(char, String)> = Vec::new();
        for (volume, owners) in group.logical_volumes.iter().zip(lvm::owners(group)) {
            let held: Vec<(usize, Area)> = volume
                .segments
                .iter()
                .flat_map(lvm::LvSegment::physical)
                .collect();
            if held.is_empty() {
                continue;
            }
            let owner = owners.join(" and ");
            let known = legend.iter().find(|(_, name)| *name == owner);
            let mark = known.map_or_else(|| mark(legend.len()), |(mark, _)| *mark);
            if known.is_none() {
                legend.push((mark, owner));
            }
            holdings.extend(
                held.into_iter()
                    .map(|(source, area)| Holding { source, area, mark }),
            );
        }
        (holdings, legend)
    }
}

/// Why a text is no metadata; where it does not even set out like some, that is said first.
fn not_metadata(text: &str, name: &str, error: &lvm::TextError) -> Fault {
    let shown = error.render(name);
    if text.trim_start().starts_with("--- ") {
        return fault!(
            "{name} is what LVM2's `display` commands print, which leaves out volumes; take the report as \
             `lvm fullreport --all --reportformat json`, the table of `pvs -v --segments`, or the metadata (vgcfgbackup)"
        );
    }
    if let Some(what) = lvm::almost_table(text).filter(|_| !lvm::looks_like_metadata(text)) {
        return fault!("{name} seems to be {what}");
    }
    let laid_out = if lvm::looks_like_metadata(text) {
        shown
    } else {
        format!(
            "error: {name} is neither LVM2 metadata nor an LVM2 JSON report nor a problem\n{shown}"
        )
    };
    Fault::text(laid_out, error)
}

/// The one pool that is meant.
fn pick(pools: Vec<Pool>, wanted: Option<&str>, name: &str) -> Result<Pool> {
    let groups = pools.iter().filter_map(Pool::group_name);
    let names: Vec<String> = groups.map(|name| format!("`{name}`")).collect();
    let names = names.join(", ");
    match wanted {
        Some(wanted) if !names.is_empty() => pools
            .into_iter()
            .find(|pool| pool.group_name() == Some(wanted))
            .ok_or_else(|| fault!("{name}: no volume group `{wanted}`; found {names}")),
        None if pools.len() > 1 => Err(fault!(
            "{name}: several volume groups, {names}; say with --vg which is meant"
        )),
        Some(_) | None => pools
            .into_iter()
            .next()
            .ok_or_else(|| fault!("{name}: no volume group")),
    }
}

/// The mark of the `index`-th holder: letters, then letters again where there are more.
pub(crate) fn mark(index: usize) -> char {
    const MARKS: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    char::from(MARKS[index % MARKS.len()])
}
