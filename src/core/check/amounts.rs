//! How much there is of what: legs, metadata and logs, and their lengths.

use crate::core::check::pieces::pieces;
use crate::core::{Allocation, Piece, Request, Size, Violation};

pub(crate) fn counts(request: &Request, allocation: &Allocation, violations: &mut Vec<Violation>) {
    let shape = request.shape;
    let legs = shape.stripes * shape.copies + shape.parity;
    let metadata = if request.metadata.is_some() { legs } else { 0 };
    let logs = request.log.map_or(0, |log| log.count);
    for (what, expected, found) in [
        ("legs", legs, allocation.legs.len()),
        ("metadata", metadata, allocation.metadata.len()),
        ("logs", logs, allocation.logs.len()),
    ] {
        let found = found as u64;
        if found != expected {
            violations.push(Violation::OtherCount {
                request: request.name.clone(),
                what,
                expected,
                found,
            });
        }
    }
}

pub(crate) fn lengths(request: &Request, allocation: &Allocation, violations: &mut Vec<Violation>) {
    let mut other = |piece, expected, found| {
        violations.push(Violation::OtherLength {
            request: request.name.clone(),
            piece,
            expected,
            found,
        });
    };
    let stripes = request.shape.stripes;
    // With "at most" the first leg says how long all are, within what was asked for.
    let mut expected = match request.size {
        Size::Exactly(extents) => Some(extents / stripes),
        Size::AtMost(_) => None,
    };
    for (leg, segments) in allocation.legs.iter().enumerate() {
        let found = segments.iter().fold(0u64, |sum, segment| {
            sum.saturating_add(segment.area.count())
        });
        let wanted = match (expected, request.size) {
            (Some(length), _) => length,
            (None, Size::Exactly(extents) | Size::AtMost(extents)) => {
                found.clamp(1, extents / stripes)
            }
        };
        expected = Some(wanted);
        if found != wanted {
            other(Piece::Leg(leg), wanted, found);
        }
    }
    for (piece, segment) in pieces(allocation) {
        let wanted = match piece {
            Piece::Leg(_) => continue,
            Piece::Metadata(_) => request.metadata.map(|metadata| metadata.extents),
            Piece::Log(_) => request.log.map(|log| log.extents),
        };
        if let Some(wanted) = wanted
            && segment.area.count() != wanted
        {
            other(piece, wanted, segment.area.count());
        }
    }
}
