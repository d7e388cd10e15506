//! One `lvcreate` or `lvextend` line as its user typed it; what it comes to is decided elsewhere.

pub(crate) mod check;
pub(crate) mod checksums;
pub(crate) mod control_flow;
pub(crate) mod default_type;
pub(crate) mod error;
pub(crate) mod given;
pub(crate) mod group;
pub(crate) mod options;
pub(crate) mod paths;
pub(crate) mod program;
pub(crate) mod pv;
pub(crate) mod read;
pub(crate) mod script;
pub(crate) mod segment_type;
pub(crate) mod step;
pub(crate) mod take;
pub(crate) mod verb;
pub(crate) mod volume;

use std::fmt;

use crate::lvm::command::options::is_kept_by;
use crate::lvm::{
    AllocationPolicy, PvArgument, SegmentType, SizeArgument, TypeArgument, Verb, shell_quoted,
};

/// An LVM2 command about one logical volume.
///
/// `None` means that the option was not given. Options that cannot bear on where extents go are kept
/// in [`LvCommand::other`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LvCommand {
    /// Which command.
    pub verb: Verb,
    /// The volume group, where the command names it.
    pub volume_group: Option<String>,
    /// The logical volume, where the command names it; without its volume group.
    pub name: Option<String>,
    /// `-l` or `-L`.
    pub size: Option<SizeArgument>,
    /// `--type`, or what `--thin` and `--thinpool` imply.
    pub segment_type: Option<TypeArgument>,
    /// `-i`.
    pub stripes: Option<u64>,
    /// `-m`: copies beside the first.
    pub mirrors: Option<u64>,
    /// `-I`.
    pub stripe_size_sectors: Option<u64>,
    /// `-R`.
    pub region_size_sectors: Option<u64>,
    /// `-c`.
    pub chunk_size_sectors: Option<u64>,
    /// `--alloc`, or `-C`.
    pub policy: Option<AllocationPolicy>,
    /// `--mirrorlog`, or `--corelog`.
    pub mirror_log: Option<MirrorLog>,
    /// `--nosync`.
    pub nosync: bool,
    /// `--poolmetadatasize`.
    pub pool_metadata: Option<SizeArgument>,
    /// `--poolmetadataspare`.
    pub pool_metadata_spare: Option<bool>,
    /// `--poolmetadata`: the volume that becomes a pool's metadata, without its volume group.
    pub pool_metadata_volume: Option<String>,
    /// The physical volumes to use, in the order given; empty: all.
    pub physical_volumes: Vec<PvArgument>,
    /// The other options, as typed.
    pub other: Vec<OtherOption>,
}

/// An option that does not bear on where extents go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherOption {
    /// Its long name, without dashes.
    pub name: &'static str,
    /// The words that it was typed in, its value included.
    pub words: Vec<String>,
}

impl LvCommand {
    /// The command without a single argument.
    #[must_use]
    pub fn new(verb: Verb) -> LvCommand {
        LvCommand {
            verb,
            volume_group: None,
            name: None,
            size: None,
            segment_type: None,
            stripes: None,
            mirrors: None,
            stripe_size_sectors: None,
            region_size_sectors: None,
            chunk_size_sectors: None,
            policy: None,
            mirror_log: None,
            nosync: false,
            pool_metadata: None,
            pool_metadata_spare: None,
            pool_metadata_volume: None,
            physical_volumes: Vec::new(),
            other: Vec::new(),
        }
    }

    /// The type that `lvcreate` makes: the one given, else by LVM2's defaults `raid1` for `-m`,
    /// `raid10` for `-m` with several stripes, `striped` for several stripes, `linear`.
    #[must_use]
    pub fn created_type(&self) -> SegmentType {
        let given = self.segment_type.as_ref().map(|argument| argument.kind);
        let is_mirrored = self.mirrors.is_some_and(|mirrors| mirrors > 0);
        let is_striped = self.stripes.is_some_and(|stripes| stripes > 1);
        given.unwrap_or(match (is_mirrored, is_striped) {
            (true, true) => SegmentType::Raid10,
            (true, false) => SegmentType::Raid1,
            (false, true) => SegmentType::Striped,
            (false, false) => SegmentType::Linear,
        })
    }

    /// The words of the command, unquoted, the command's name first.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        let mut words = vec![self.verb.name().to_string()];
        let mut option = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                words.push(name.to_string());
                words.push(value);
            }
        };
        let kind = self.segment_type.as_ref();
        let sectors = |sectors: Option<u64>| sectors.map(|sectors| format!("{sectors}s"));
        let number = |number: Option<u64>| number.map(|number| number.to_string());
        // LVM2 takes --errorwhenfull with the short name of the type alone.
        let fails_full = self.verb == Verb::Create
            && kind.is_some_and(|kind| kind.kind == SegmentType::ThinPool)
            && self.other.iter().any(|other| other.name == "errorwhenfull");
        option(
            "--type",
            kind.filter(|_| !fails_full).map(|kind| kind.word.clone()),
        );
        option(
            "--alloc",
            self.policy.map(|policy| policy.name().to_string()),
        );
        option("-i", number(self.stripes));
        option("-I", sectors(self.stripe_size_sectors));
        option("-m", number(self.mirrors));
        option(
            "--mirrorlog",
            self.mirror_log.map(|log| log.name().to_string()),
        );
        option("-R", sectors(self.region_size_sectors));
        option("-c", sectors(self.chunk_size_sectors));
        if let Some(size) = self.size {
            option(size.option(), Some(size.to_string()));
        }
        option(
            "--poolmetadatasize",
            self.pool_metadata.map(|size| size.to_string()),
        );
        let spare = self.pool_metadata_spare;
        let spare = spare.map(|spare| if spare { "y" } else { "n" }.to_string());
        option("--poolmetadataspare", spare);
        option("--poolmetadata", self.pool_metadata_path());
        if self.verb == Verb::Create {
            option("-n", self.name.clone());
        }
        if fails_full {
            words.push("-T".to_string());
        }
        if self.nosync {
            words.push("--nosync".to_string());
        }
        words.extend(
            self.other
                .iter()
                .flat_map(|option| option.words.iter().cloned()),
        );
        let volumes = self.physical_volumes.iter().map(PvArgument::to_string);
        let arguments: Vec<String> = self.target().into_iter().chain(volumes).collect();
        // What looks like an option is none behind this.
        if arguments.iter().any(|argument| argument.starts_with('-')) {
            words.push("--".to_string());
        }
        words.extend(arguments);
        words
    }

    /// The first positional argument: the volume group of what is new, else the logical volume.
    fn target(&self) -> Option<String> {
        let group = self.volume_group.clone();
        match self.verb {
            Verb::Create => group,
            Verb::Extend | Verb::Convert | Verb::Change => self.path(self.name.as_ref()),
        }
    }

    fn pool_metadata_path(&self) -> Option<String> {
        self.path(self.pool_metadata_volume.as_ref())
    }

    /// A logical volume with its group, where that is given.
    fn path(&self, name: Option<&String>) -> Option<String> {
        let name = name?;
        Some(match &self.volume_group {
            Some(group) => format!("{group}/{name}"),
            None => name.clone(),
        })
    }

    /// The options kept that another command takes as well.
    pub(crate) fn other_of(&self, verb: Verb) -> Vec<OtherOption> {
        let options = self.other.iter();
        let options = options.filter(|option| is_kept_by(verb.program(), option.name));
        options.cloned().collect()
    }
}

impl fmt::Display for LvCommand {
    /// One line for a shell, each word quoted where it has to be.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, word) in self.words().iter().enumerate() {
            if index > 0 {
                f.write_str(" ")?;
            }
            f.write_str(&shell_quoted(word))?;
        }
        Ok(())
    }
}

/// Where a mirror keeps its log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MirrorLog {
    /// In memory only.
    Core,
    /// On a physical volume.
    Disk,
}

impl MirrorLog {
    /// The word on command lines.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            MirrorLog::Core => "core",
            MirrorLog::Disk => "disk",
        }
    }
}
