//! LVM2's commands as a function of what is asked: the same commands with another size, policy or number
//! of stripes, imported anew each time, since metadata, logs and spares go with the size.

use std::borrow::Cow;
use std::sync::Arc;

use crate::capacity::{Change, Fixed, Model};
use crate::core::{Policy, Problem, Size};
use crate::lvm::{
    self, AllocationPolicy, Amount, EntryPart, Ground, LvCommand, Settings, Sign, SizeArgument,
    Verb, VolumeGroup,
};

/// Requests that can be asked again, in either vocabulary.
#[derive(Clone, Debug)]
pub(crate) enum Asked {
    /// Requests of our own.
    Native(Fixed),
    /// Commands on a volume group.
    Group(Box<GroupModel>),
}

impl Asked {
    /// The same as the capacity room sees it.
    pub(crate) fn model(&self) -> &dyn Model {
        match self {
            Asked::Native(model) => model,
            Asked::Group(model) => model.as_ref(),
        }
    }

    /// Per request what `lvs` calls what goes with it as a whole.
    pub(crate) fn log_words(&self) -> &[&'static str] {
        match self {
            Asked::Native(_) => &[],
            Asked::Group(model) => &model.log_words,
        }
    }
}

/// Commands on a volume group, as the capacity room asks about them.
#[derive(Clone, Debug)]
pub struct GroupModel {
    ground: Arc<Ground<'static>>,
    settings: Settings,
    problem: Problem,
    log_words: Vec<&'static str>,
    /// Per request its command, all of the same volume in one; `None` for what goes along.
    commands: Vec<Option<LvCommand>>,
    /// Per request the sizes at which what goes along shrinks.
    drops: Vec<Vec<u64>>,
}

impl GroupModel {
    /// The commands as a model.
    ///
    /// # Errors
    /// Those of [`lvm::import`].
    pub fn new(
        group: VolumeGroup,
        commands: &[LvCommand],
        settings: Settings,
    ) -> Result<GroupModel, lvm::ImportError> {
        let ground = Ground::new(Cow::Owned(group))?;
        GroupModel::on(Arc::new(ground), commands, settings)
    }

    fn on(
        ground: Arc<Ground<'static>>,
        commands: &[LvCommand],
        settings: Settings,
    ) -> Result<GroupModel, lvm::ImportError> {
        let (problem, dictionary) = ground.import(commands, &settings)?;
        let command = |entry: &lvm::Entry| {
            let mut command = entry.command.clone();
            if !entry.demand.approximate {
                command.size = Some(exactly(command.verb, entry.demand.extents));
            }
            match entry.part {
                EntryPart::Created | EntryPart::Grown => Some(command),
                EntryPart::Metadata | EntryPart::Spare => None,
            }
        };
        let drops = dictionary.entries.iter().map(|entry| match entry.part {
            EntryPart::Created => {
                lvm::companion_drops(&ground.group, &entry.command, &entry.demand, &settings)
            }
            EntryPart::Grown | EntryPart::Metadata | EntryPart::Spare => Vec::new(),
        });
        Ok(GroupModel {
            commands: dictionary.entries.iter().map(command).collect(),
            drops: drops.collect(),
            log_words: dictionary.log_words(),
            problem,
            settings,
            ground,
        })
    }

    /// The same with another size of one request; `None` if it cannot be so.
    #[must_use]
    pub fn resized(&self, request: usize, extents: u64) -> Option<GroupModel> {
        let mut commands = self.commands.clone();
        let command = commands.get_mut(request)?.as_mut()?;
        command.size = Some(exactly(command.verb, extents));
        let commands: Vec<LvCommand> = commands.into_iter().flatten().collect();
        GroupModel::on(Arc::clone(&self.ground), &commands, self.settings.clone()).ok()
    }

    /// The commands of all requests.
    fn all(&self) -> Vec<LvCommand> {
        self.commands.iter().flatten().cloned().collect()
    }

    fn import(&self, commands: &[LvCommand]) -> Option<Problem> {
        let (problem, _) = self.ground.import(commands, &self.settings).ok()?;
        problem
            .with_objective(self.problem.objective().to_vec())
            .ok()
    }
}

impl Model for GroupModel {
    fn problem(&self) -> &Problem {
        &self.problem
    }

    fn changed(&self, request: usize, changes: &[Change]) -> Option<Problem> {
        let mut commands = self.commands.clone();
        let command = commands.get_mut(request)?.as_mut()?;
        for change in changes {
            match change {
                Change::Extents(extents) => command.size = Some(exactly(command.verb, *extents)),
                Change::Policy(policy) => command.policy = Some(allocation_policy(*policy)),
                Change::Stripes(stripes) if command.verb == Verb::Create => {
                    command.stripes = Some(*stripes);
                }
                Change::Stripes(_) => return None,
            }
        }
        let commands: Vec<LvCommand> = commands.into_iter().flatten().collect();
        let problem = self.import(&commands)?;
        // LVM2 may make something else of it: round a size, or refuse a policy.
        let result = problem.requests().get(request)?;
        let is_so = changes.iter().all(|change| match change {
            Change::Extents(extents) => result.size == Size::Exactly(*extents),
            Change::Policy(policy) => result.policy == *policy,
            Change::Stripes(stripes) => result.shape.stripes == *stripes,
        });
        is_so.then_some(problem)
    }

    fn repeated(&self, request: usize, count: u64) -> Option<Problem> {
        let command = self.commands.get(request)?.clone()?;
        if command.verb == Verb::Extend && count > 1 {
            return None;
        }
        let mut commands = self.all();
        let name = command.name.clone().unwrap_or_default();
        if count == 0 {
            commands.retain(|other| other.name != command.name);
        }
        let mut number = 1u64;
        for _ in 1..count {
            let mut copy = command.clone();
            copy.name = loop {
                number += 1;
                let free = format!("{name}_{number}");
                let is_taken = self.ground.group.logical_volume(&free).is_some();
                if !is_taken && commands.iter().all(|c| c.name.as_ref() != Some(&free)) {
                    break Some(free);
                }
            };
            commands.push(copy);
        }
        self.import(&commands)
    }

    fn fewest_stripes(&self, request: usize) -> u64 {
        let command = self.commands.get(request).and_then(Option::as_ref);
        command.map_or(1, |command| command.created_type().fewest_stripes())
    }

    fn drops(&self, request: usize) -> Vec<u64> {
        self.drops.get(request).cloned().unwrap_or_default()
    }
}

/// So many extents for a new volume, or so many more.
fn exactly(verb: Verb, extents: u64) -> SizeArgument {
    SizeArgument {
        sign: match verb {
            Verb::Create | Verb::Convert | Verb::Change => Sign::Absolute,
            Verb::Extend => Sign::Plus,
        },
        amount: Amount::Extents(extents),
    }
}

fn allocation_policy(policy: Policy) -> AllocationPolicy {
    match policy {
        Policy::Contiguous => AllocationPolicy::Contiguous,
        Policy::Cling => AllocationPolicy::Cling,
        Policy::ClingByTags => AllocationPolicy::ClingByTags,
        Policy::Normal => AllocationPolicy::Normal,
        Policy::Anywhere => AllocationPolicy::Anywhere,
    }
}
