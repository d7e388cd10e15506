//! A program in the making.

use crate::core::{Limits, Problem};
use crate::ip::IpError;
use crate::ip::compile::places::Places;
use crate::ip::program::{Program, Sum};

/// A program in the making.
pub(crate) struct Draft<'a> {
    pub(crate) problem: &'a Problem,
    pub(crate) limits: &'a Limits<'a>,
    pub(crate) places: &'a Places,
    pub(crate) program: Program,
    /// Extents taken, by place.
    pub(crate) taken: Vec<Sum>,
    /// Columns that pin a piece to the first extent of a place, by place.
    pub(crate) pinned: Vec<Sum>,
}

impl Draft<'_> {
    /// Looks at the limits.
    ///
    /// # Errors
    /// [`IpError::Stopped`] if one ran out.
    pub(crate) fn go_on(&self) -> Result<(), IpError> {
        if self.limits.is_over() {
            let reason = self.limits.ran_out();
            return Err(IpError::Stopped { reason });
        }
        Ok(())
    }

    pub(crate) fn source_of(&self, place: usize) -> usize {
        self.places.list[place].source
    }

    /// Whether a place carries a tag, of its own or of its source.
    pub(crate) fn has_tag(&self, place: usize, tag: &str) -> bool {
        let place = self.places.list[place];
        self.problem.sources()[place.source].has_tag(place.area, tag)
    }

    /// Extents of a place, as far as anyone could want them.
    pub(crate) fn extents_of(&self, place: usize) -> u64 {
        self.places.list[place].area.count()
    }
}
