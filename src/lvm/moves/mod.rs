//! Moving what a volume group holds: its volumes as legs that may move, and moves as `pvmove`.

pub(crate) mod drawn;
pub(crate) mod error;
pub(crate) mod export;
pub(crate) mod follow;
pub(crate) mod holders;
pub(crate) mod locks;
pub(crate) mod pvmove;
pub(crate) mod script;
pub(crate) mod stages;
pub(crate) mod state;
