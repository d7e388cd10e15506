//! The options of LVM2's commands: which has which, and what each is to a plan.

use crate::lvm::Program::{
    self, LvChange, LvConvert, LvCreate, LvExtend, LvReduce, LvRemove, LvRename, LvResize,
    PvChange, PvResize, VgChange, VgCk, VgExtend, VgReduce,
};
use crate::lvm::command::options::meaning::Meaning::{self, Converts, Kept, NotPlanned, Plans};
use crate::lvm::command::options::meaning::Planned::{
    AddTag, AllVolumes, Alloc, Allocatable, CachePool, ChunkSize, Contiguous, CoreLog, DelTag,
    Extents, MirrorLog, Mirrors, Name, NoSync, PoolMetadata, PoolMetadataSize, PoolMetadataSpare,
    RegionSize, Size, StripeSize, Stripes, Thin, ThinPool, Type,
};

/// One line of the table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OptionRow {
    pub(crate) long: &'static str,
    /// Its short form, where these commands have one.
    pub(crate) short: Option<char>,
    pub(crate) takes_value: bool,
    pub(crate) meaning: Meaning,
    programs: &'static [Program],
}

impl OptionRow {
    /// The option as messages name it.
    pub(crate) fn name(&self) -> String {
        match self.short {
            Some(short) => format!("-{short}/--{}", self.long),
            None => format!("--{}", self.long),
        }
    }
}

/// The options of a command.
pub(crate) fn rows(program: Program) -> impl Iterator<Item = &'static OptionRow> {
    ROWS.iter()
        .filter(move |row| row.programs.contains(&program))
}

const fn row(
    long: &'static str,
    short: char,
    takes_value: bool,
    meaning: Meaning,
    programs: &'static [Program],
) -> OptionRow {
    OptionRow {
        long,
        short: if short == ' ' { None } else { Some(short) },
        takes_value,
        meaning,
        programs,
    }
}

const ALIGNED: &str = "where the first extent lies changes how many there are: say the size of the disk in a scenario";
const CHOOSES: &str = "what it picks is known only as it runs: name it";
const DISK: &str =
    "how many extents that makes is said by a scenario (resize), and then without it";
const EXTENT: &str = "it changes what an extent is";
const LIMITS: &str = "it changes how much the group may hold";
const MISSING: &str =
    "physical volumes that are missing come back, or go, before anything is planned";
const NEWER: &str =
    "newer than 2.03.16, and what it does is not followed; -r/--resizefs is known to all";
const POLICIES: &str = "what it does is decided by lvm.conf as it runs: say it";
const PRINTS: &str = "with it LVM2 prints, and does nothing";
const SETTINGS: &str =
    "it may change every rule of the allocation: give settings with --config to extentplan itself";
const SHARED: &str = "shared and foreign groups are not planned";
const ORIGINLESS: &str = "a snapshot of nothing is not simulated";
const TRIES: &str = "with it LVM2 changes nothing";
const VDO: &str = "how VDO formats a pool is not known";

/// Every option of LVM2 2.03.16, and newer ones that people type.
#[rustfmt::skip]
const ROWS: &[OptionRow] = &[
    row("activate", 'a', true, Kept, &[LvCreate, LvChange, VgChange]),
    row("activationmode", ' ', true, Kept, &[LvChange, VgChange]),
    row("addtag", ' ', true, Kept, &[LvCreate, LvChange, VgChange]),
    row("addtag", ' ', true, Plans(AddTag), &[PvChange]),
    row("all", 'a', false, Plans(AllVolumes), &[PvChange, VgReduce]),
    row("alloc", ' ', true, Plans(Alloc), &[LvCreate, LvExtend, LvResize, LvConvert, LvChange, VgChange]),
    row("allocatable", 'x', true, Plans(Allocatable), &[PvChange]),
    row("allocation", ' ', true, Plans(Alloc), &[VgChange]),
    row("allocation", ' ', true, Plans(Allocatable), &[PvChange]),
    row("autoactivation", ' ', true, Kept, &[VgChange]),
    row("autobackup", 'A', true, Kept, &[LvCreate, LvExtend, LvResize, LvReduce, LvRemove, LvChange, LvRename, VgChange, VgExtend, VgReduce, PvChange]),
    row("available", ' ', true, Kept, &[LvCreate, LvChange, VgChange]),
    row("background", 'b', false, Kept, &[LvConvert]),
    row("cache", 'H', false, Converts, &[LvCreate]),
    row("cache", 'H', false, Converts, &[LvConvert]),
    row("cachedevice", ' ', true, Converts, &[LvCreate]),
    row("cachedevice", ' ', true, Converts, &[LvConvert]),
    row("cachemetadataformat", ' ', true, Kept, &[LvCreate, LvConvert]),
    row("cachemode", ' ', true, Kept, &[LvCreate, LvConvert, LvChange]),
    row("cachepolicy", ' ', true, Kept, &[LvCreate, LvConvert, LvChange]),
    row("cachepool", ' ', true, Plans(CachePool), &[LvCreate]),
    row("cachepool", ' ', true, Converts, &[LvConvert]),
    row("cachesettings", ' ', true, Kept, &[LvCreate, LvConvert, LvChange]),
    row("cachesize", ' ', true, Converts, &[LvCreate]),
    row("cachesize", ' ', true, Converts, &[LvConvert]),
    row("cachevol", ' ', true, Converts, &[LvCreate]),
    row("cachevol", ' ', true, Converts, &[LvConvert]),
    row("chunksize", 'c', true, Plans(ChunkSize), &[LvCreate, LvConvert]),
    row("commandprofile", ' ', true, NotPlanned(SETTINGS), &Program::ALL),
    row("compression", ' ', true, Kept, &[LvChange]),
    row("compression", ' ', true, NotPlanned(VDO), &[LvConvert]),
    row("compression", ' ', true, NotPlanned(VDO), &[LvCreate]),
    row("config", ' ', true, NotPlanned(SETTINGS), &Program::ALL),
    row("contiguous", 'C', true, Plans(Contiguous), &[LvCreate, LvChange]),
    row("corelog", ' ', false, Plans(CoreLog), &[LvCreate]),
    row("corelog", ' ', false, Converts, &[LvConvert]),
    row("dataalignment", ' ', true, NotPlanned(ALIGNED), &[VgExtend]),
    row("dataalignmentoffset", ' ', true, NotPlanned(ALIGNED), &[VgExtend]),
    row("debug", 'd', false, Kept, &Program::ALL),
    row("deduplication", ' ', true, Kept, &[LvChange]),
    row("deduplication", ' ', true, NotPlanned(VDO), &[LvConvert]),
    row("deduplication", ' ', true, NotPlanned(VDO), &[LvCreate]),
    row("deltag", ' ', true, Kept, &[LvChange, VgChange]),
    row("deltag", ' ', true, Plans(DelTag), &[PvChange]),
    row("detachprofile", ' ', false, Kept, &[LvChange, VgChange]),
    row("devices", ' ', true, Kept, &Program::ALL),
    row("devicesfile", ' ', true, Kept, &Program::ALL),
    row("discards", ' ', true, Kept, &[LvCreate, LvConvert, LvChange]),
    row("driverloaded", ' ', true, Kept, &Program::ALL),
    row("errorwhenfull", ' ', true, Kept, &[LvCreate, LvConvert, LvChange]),
    row("extents", 'l', true, Plans(Extents), &[LvCreate, LvExtend, LvResize, LvReduce]),
    row("force", 'f', false, Kept, &[LvExtend, LvResize, LvReduce, LvRemove, LvConvert, LvChange, VgChange, VgExtend, VgReduce, PvChange]),
    row("fs", ' ', true, NotPlanned(NEWER), &[LvExtend, LvResize, LvReduce]),
    row("fsmode", ' ', true, NotPlanned(NEWER), &[LvExtend, LvResize, LvReduce]),
    row("help", 'h', false, NotPlanned(PRINTS), &Program::ALL),
    row("ignoreactivationskip", 'K', false, Kept, &[LvCreate, LvChange, VgChange]),
    row("ignorelockingfailure", ' ', false, Kept, &[LvChange, VgChange]),
    row("ignoremonitoring", ' ', false, Kept, &[LvCreate, LvChange, VgChange]),
    row("interval", 'i', true, Kept, &[LvConvert]),
    row("journal", ' ', true, Kept, &Program::ALL),
    row("labelsector", ' ', true, Kept, &[VgExtend]),
    row("lockopt", ' ', true, Kept, &Program::ALL),
    row("lockstart", ' ', false, NotPlanned(SHARED), &[VgChange]),
    row("lockstop", ' ', false, NotPlanned(SHARED), &[VgChange]),
    row("locktype", ' ', true, NotPlanned(SHARED), &[VgChange]),
    row("logicalvolume", 'l', true, NotPlanned(LIMITS), &[VgChange]),
    row("longhelp", ' ', false, NotPlanned(PRINTS), &Program::ALL),
    row("major", 'j', true, Kept, &[LvCreate, LvChange]),
    row("maxphysicalvolumes", 'p', true, NotPlanned(LIMITS), &[VgChange]),
    row("maxrecoveryrate", ' ', true, Kept, &[LvCreate, LvChange]),
    row("merge", ' ', false, Converts, &[LvConvert]),
    row("mergemirrors", ' ', false, Converts, &[LvConvert]),
    row("mergesnapshot", ' ', false, Converts, &[LvConvert]),
    row("mergethin", ' ', false, Converts, &[LvConvert]),
    row("metadataignore", ' ', true, Kept, &[VgExtend, PvChange]),
    row("metadataprofile", ' ', true, Kept, &[VgChange]),
    row("metadataprofile", ' ', true, NotPlanned(SETTINGS), &[LvCreate, LvConvert, LvChange]),
    row("metadatasize", ' ', true, NotPlanned(ALIGNED), &[VgExtend]),
    row("metadatatype", 'M', true, Kept, &[VgExtend]),
    row("minor", ' ', true, Kept, &[LvCreate, LvChange]),
    row("minrecoveryrate", ' ', true, Kept, &[LvCreate, LvChange]),
    row("mirrorlog", ' ', true, Plans(MirrorLog), &[LvCreate]),
    row("mirrorlog", ' ', true, Converts, &[LvConvert]),
    row("mirrors", 'm', true, Plans(Mirrors), &[LvCreate, LvExtend]),
    row("mirrors", 'm', true, Converts, &[LvConvert]),
    row("mirrorsonly", ' ', false, NotPlanned(MISSING), &[VgReduce]),
    row("monitor", ' ', true, Kept, &[LvCreate, LvChange, VgChange]),
    row("name", 'n', true, Converts, &[LvConvert]),
    row("name", 'n', true, Plans(Name), &[LvCreate]),
    row("nofsck", 'n', false, Kept, &[LvExtend, LvResize, LvReduce]),
    row("nohints", ' ', false, Kept, &Program::ALL),
    row("nohistory", ' ', false, Kept, &[LvRemove]),
    row("nolocking", ' ', false, Kept, &Program::ALL),
    row("nosync", ' ', false, Plans(NoSync), &[LvCreate, LvExtend, LvResize]),
    row("noudevsync", ' ', false, Kept, &[LvCreate, LvExtend, LvResize, LvReduce, LvRemove, LvConvert, LvChange, LvRename, VgChange]),
    row("originname", ' ', true, Converts, &[LvConvert]),
    row("partial", 'P', false, Kept, &[LvChange, VgChange]),
    row("permission", 'p', true, Kept, &[LvCreate, LvChange]),
    row("persistent", 'M', true, Kept, &[LvCreate, LvChange]),
    row("physicalextentsize", 's', true, NotPlanned(EXTENT), &[VgChange]),
    row("poll", ' ', true, Kept, &[LvChange, VgChange]),
    row("poolmetadata", ' ', true, Plans(PoolMetadata), &[LvConvert]),
    row("poolmetadatasize", ' ', true, Converts, &[LvConvert]),
    row("poolmetadatasize", ' ', true, Plans(PoolMetadataSize), &[LvCreate, LvExtend, LvResize]),
    row("poolmetadataspare", ' ', true, Plans(PoolMetadataSpare), &[LvCreate, LvConvert]),
    row("profile", ' ', true, NotPlanned(SETTINGS), &Program::ALL),
    row("pvmetadatacopies", ' ', true, Kept, &[VgChange, VgExtend]),
    row("quiet", 'q', false, Kept, &Program::ALL),
    row("raidintegrity", ' ', true, Converts, &[LvCreate, LvConvert]),
    row("raidintegrityblocksize", ' ', true, Converts, &[LvCreate, LvConvert]),
    row("raidintegritymode", ' ', true, Converts, &[LvCreate, LvConvert]),
    row("readahead", 'r', true, Kept, &[LvCreate, LvConvert, LvChange]),
    row("readonly", ' ', false, Kept, &[LvChange, VgChange]),
    row("rebuild", ' ', true, Kept, &[LvChange]),
    row("refresh", ' ', false, Kept, &[LvChange, VgChange]),
    row("regionsize", 'R', true, Plans(RegionSize), &[LvCreate]),
    row("regionsize", 'R', true, Converts, &[LvConvert]),
    row("removemissing", ' ', false, NotPlanned(MISSING), &[VgReduce]),
    row("repair", ' ', false, Converts, &[LvConvert]),
    row("replace", ' ', true, Converts, &[LvConvert]),
    row("reportformat", ' ', true, Kept, &[LvCreate, LvExtend, LvResize, LvReduce, LvRemove, LvChange, LvRename, VgChange, VgExtend, VgReduce, PvChange, PvResize, VgCk]),
    row("resizable", ' ', true, Kept, &[VgChange]),
    row("resizeable", 'x', true, Kept, &[VgChange]),
    row("resizefs", 'r', false, Kept, &[LvExtend, LvResize, LvReduce]),
    row("restoremissing", ' ', false, NotPlanned(MISSING), &[VgExtend]),
    row("resync", ' ', false, Kept, &[LvChange]),
    row("select", 'S', true, NotPlanned(CHOOSES), &[LvRemove, LvChange, VgChange, PvChange]),
    row("setactivationskip", 'k', true, Kept, &[LvCreate, LvChange]),
    row("setautoactivation", ' ', true, Kept, &[LvCreate, LvChange, VgChange]),
    row("setphysicalvolumesize", ' ', true, NotPlanned(DISK), &[PvResize]),
    row("size", 'L', true, Plans(Size), &[LvCreate, LvExtend, LvResize, LvReduce]),
    row("snapshot", 's', false, Converts, &[LvConvert]),
    row("snapshot", 's', false, Converts, &[LvCreate]),
    row("splitcache", ' ', false, Converts, &[LvConvert]),
    row("splitmirrors", ' ', true, Converts, &[LvConvert]),
    row("splitsnapshot", ' ', false, Converts, &[LvConvert]),
    row("startpoll", ' ', false, Kept, &[LvConvert]),
    row("stripes", ' ', true, Converts, &[LvConvert]),
    row("stripes", 'i', true, Plans(Stripes), &[LvCreate, LvExtend, LvResize]),
    row("stripesize", 'I', true, Converts, &[LvConvert]),
    row("stripesize", 'I', true, Plans(StripeSize), &[LvCreate, LvExtend, LvResize]),
    row("swapmetadata", ' ', false, Converts, &[LvConvert]),
    row("syncaction", ' ', true, Kept, &[LvChange]),
    row("sysinit", ' ', false, Kept, &[LvChange, VgChange]),
    row("systemid", ' ', true, NotPlanned(SHARED), &[VgChange]),
    row("test", 't', false, NotPlanned(TRIES), &Program::ALL),
    row("thin", 'T', false, Converts, &[LvConvert]),
    row("thin", 'T', false, Plans(Thin), &[LvCreate]),
    row("thinpool", ' ', true, Converts, &[LvConvert]),
    row("thinpool", ' ', true, Plans(ThinPool), &[LvCreate]),
    row("trackchanges", ' ', false, Converts, &[LvConvert]),
    row("type", ' ', true, Plans(Type), &[LvCreate, LvExtend, LvResize, LvConvert]),
    row("uncache", ' ', false, Converts, &[LvConvert]),
    row("updatemetadata", ' ', false, Kept, &[VgCk]),
    row("usepolicies", ' ', false, NotPlanned(POLICIES), &[LvConvert]),
    row("usepolicies", ' ', false, NotPlanned(POLICIES), &[LvExtend]),
    row("uuid", 'u', false, Kept, &[VgChange, PvChange]),
    row("vdo", ' ', false, NotPlanned(VDO), &[LvCreate]),
    row("vdopool", ' ', true, NotPlanned(VDO), &[LvConvert]),
    row("vdopool", ' ', true, NotPlanned(VDO), &[LvCreate]),
    row("vdosettings", ' ', true, Kept, &[LvChange]),
    row("vdosettings", ' ', true, NotPlanned(VDO), &[LvConvert]),
    row("vdosettings", ' ', true, NotPlanned(VDO), &[LvCreate]),
    row("verbose", 'v', false, Kept, &Program::ALL),
    row("version", ' ', false, NotPlanned(PRINTS), &Program::ALL),
    row("vgmetadatacopies", ' ', true, Kept, &[VgChange]),
    row("virtualoriginsize", ' ', true, NotPlanned(VDO), &[LvConvert]),
    row("virtualoriginsize", ' ', true, NotPlanned(ORIGINLESS), &[LvCreate]),
    row("virtualsize", 'V', true, NotPlanned(VDO), &[LvConvert]),
    row("virtualsize", 'V', true, Converts, &[LvCreate]),
    row("wipesignatures", 'W', true, Kept, &[LvCreate]),
    row("writebehind", ' ', true, Kept, &[LvChange]),
    row("writemostly", ' ', true, Kept, &[LvChange]),
    row("yes", 'y', false, Kept, &Program::ALL),
    row("zero", 'Z', true, Kept, &[LvCreate, LvConvert, LvChange, VgExtend]),
];
