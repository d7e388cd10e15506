//! Changes to sources and requests in words of `core`, and a problem with changes made.

use std::collections::BTreeSet;
use std::fmt;

use crate::capacity::Change;
use crate::capacity::model::apply;
use crate::core::{Area, Areas, Defects, Problem, Request, Source};

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Edit {
    /// A new source, all of it free. Every request may use it.
    AddSource {
        /// Its name, unlike all others.
        source: String,
        /// Its extents.
        extents: u64,
        /// Its tags.
        tags: BTreeSet<String>,
    },
    /// The source is gone: it has no extents and no tags, and no request names it. Its index stays.
    RemoveSource {
        /// Its name.
        source: String,
    },
    /// The source has another number of extents: free ones are added at its end, or its end is cut
    /// off, which nobody may hold.
    ResizeSource {
        /// Its name.
        source: String,
        /// Its extents afterwards.
        extents: u64,
    },
    /// The source has other tags.
    RetagSource {
        /// Its name.
        source: String,
        /// Its tags afterwards.
        tags: BTreeSet<String>,
    },
    /// Nothing more may be placed on the source: it failed, or is not to be used.
    CloseSource {
        /// Its name.
        source: String,
    },
    /// Extents that somebody holds become free.
    Free {
        /// The name of the source.
        source: String,
        /// The extents.
        areas: Areas,
        /// Who holds them.
        holder: String,
    },
    /// A request asks for something else.
    Request {
        /// Its name.
        request: String,
        /// What changes.
        change: Change,
    },
    /// A request is given up.
    DropRequest {
        /// Its name.
        request: String,
    },
}

/// A change that cannot be made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EditError {
    /// There is no source of the name.
    NoSource {
        /// The name.
        source: String,
    },
    /// There is a source of the name already.
    SourceThere {
        /// The name.
        source: String,
    },
    /// There is no request of the name.
    NoRequest {
        /// The name.
        request: String,
    },
    /// The end that would be cut off is in use.
    EndInUse {
        /// The name of the source.
        source: String,
        /// Extents that it would have.
        extents: u64,
        /// The least that it can have: one past its last extent in use.
        least: u64,
    },
    /// Extents that would become free are free, or not on the source.
    NotHeld {
        /// The name of the source.
        source: String,
        /// The first such area.
        area: Area,
    },
    /// The request cannot be changed so.
    Unchangeable {
        /// The name of the request.
        request: String,
    },
    /// The result is no problem.
    Defects(Defects),
}

impl fmt::Display for EditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EditError::NoSource { source } => write!(f, "there is no source `{source}`"),
            EditError::SourceThere { source } => write!(f, "there is a source `{source}` already"),
            EditError::NoRequest { request } => write!(f, "there is no request `{request}`"),
            EditError::EndInUse {
                source,
                extents,
                least,
            } => write!(
                f,
                "source `{source}` cannot be cut to {extents} extents: it is in use up to {least}"
            ),
            EditError::NotHeld { source, area } => {
                write!(f, "nobody holds extents {area} of source `{source}`")
            }
            EditError::Unchangeable { request } => {
                write!(f, "request `{request}` cannot be changed so")
            }
            EditError::Defects(defects) => {
                let words: Vec<String> = defects.iter().map(ToString::to_string).collect();
                f.write_str(&words.join("; "))
            }
        }
    }
}

impl std::error::Error for EditError {}

/// The problem with changes made one after another.
///
/// Sources keep their indices, also behind one that is removed.
///
/// # Errors
/// The first [`EditError`], or the defects of what results.
pub fn edited(problem: &Problem, edits: &[Edit]) -> Result<Problem, EditError> {
    let mut sources = problem.sources().to_vec();
    let mut requests = problem.requests().to_vec();
    for edit in edits {
        make(edit, &mut sources, &mut requests)?;
    }
    Problem::new(sources, requests, problem.objective().to_vec()).map_err(EditError::Defects)
}

fn make(
    edit: &Edit,
    sources: &mut Vec<Source>,
    requests: &mut Vec<Request>,
) -> Result<(), EditError> {
    match edit {
        Edit::AddSource {
            source,
            extents,
            tags,
        } => {
            if sources.iter().any(|other| other.name == *source) {
                let source = source.clone();
                return Err(EditError::SourceThere { source });
            }
            sources.push(Source {
                name: source.clone(),
                extents: *extents,
                free: Area::new(0, *extents).into_iter().collect(),
                tags: tags.clone(),
                ..Source::default()
            });
            for allowed in requests.iter_mut().filter_map(|r| r.allowed.as_mut()) {
                allowed.push((sources.len() - 1, None));
            }
        }
        Edit::RemoveSource { source } => {
            let index = sources.iter().position(|other| other.name == *source);
            let removed = find(sources, source)?;
            removed.extents = 0;
            removed.free = Areas::none();
            removed.tags.clear();
            removed.area_tags.clear();
            for allowed in requests.iter_mut().filter_map(|r| r.allowed.as_mut()) {
                allowed.retain(|(source, _)| Some(*source) != index);
            }
        }
        Edit::ResizeSource { source, extents } => resize(find(sources, source)?, *extents)?,
        Edit::RetagSource { source, tags } => find(sources, source)?.tags.clone_from(tags),
        Edit::CloseSource { source } => find(sources, source)?.free = Areas::none(),
        Edit::Free { source, areas, .. } => {
            let source = find(sources, source)?;
            let all: Areas = Area::new(0, source.extents).into_iter().collect();
            let held = all.difference(&source.free);
            let wrong = areas.difference(&held).iter().next();
            if let Some(area) = wrong {
                let source = source.name.clone();
                return Err(EditError::NotHeld { source, area });
            }
            source.free = source.free.union(areas);
        }
        Edit::Request { request, change } => {
            let index = find_request(requests, request)?;
            let request = request.clone();
            apply(&mut requests[index], *change).ok_or(EditError::Unchangeable { request })?;
        }
        Edit::DropRequest { request } => {
            let index = find_request(requests, request)?;
            requests.remove(index);
        }
    }
    Ok(())
}

fn find<'a>(sources: &'a mut [Source], name: &str) -> Result<&'a mut Source, EditError> {
    let found = sources.iter_mut().find(|source| source.name == name);
    found.ok_or_else(|| EditError::NoSource {
        source: name.to_string(),
    })
}

fn find_request(requests: &[Request], name: &str) -> Result<usize, EditError> {
    let found = requests.iter().position(|request| request.name == name);
    found.ok_or_else(|| EditError::NoRequest {
        request: name.to_string(),
    })
}

fn resize(source: &mut Source, extents: u64) -> Result<(), EditError> {
    if let Some(more) = Area::between(source.extents, extents) {
        source.free = source.free.union(&more.into());
    } else if let Some(cut) = Area::between(extents, source.extents) {
        let all: Areas = Area::new(0, source.extents).into_iter().collect();
        let held = all.difference(&source.free);
        let least = held.iter().last().map_or(0, Area::end);
        if extents < least {
            return Err(EditError::EndInUse {
                source: source.name.clone(),
                extents,
                least,
            });
        }
        source.free = source.free.difference(&cut.into());
    }
    source.extents = extents;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::Measure;

    fn problem() -> Problem {
        let source = |name: &str, extents, start, end| Source {
            name: name.to_string(),
            extents,
            free: Area::between(start, end).into_iter().collect(),
            tags: BTreeSet::new(),
            ..Source::default()
        };
        let sources = vec![source("a", 100, 20, 60), source("b", 50, 0, 50)];
        let requests = vec![Request::linear("r", 10)];
        Problem::new(sources, requests, vec![Measure::Segments]).expect("well formed")
    }

    fn named(name: &str) -> String {
        name.to_string()
    }

    #[test]
    fn growing_adds_free_extents_at_the_end_and_joins_them() {
        let edit = |source, extents| Edit::ResizeSource {
            source: named(source),
            extents,
        };
        let grown = edited(&problem(), &[edit("b", 80), edit("a", 130)]).expect("possible");
        let free = |index: usize| grown.sources()[index].free.clone();
        assert_eq!(free(1), Area::new(0, 80).expect("not empty").into());
        assert_eq!(free(0).len(), 2);
        assert_eq!(free(0).total(), 70);
    }

    #[test]
    fn an_end_in_use_is_not_cut_off() {
        let cut = |extents| Edit::ResizeSource {
            source: named("a"),
            extents,
        };
        let refused = edited(&problem(), &[cut(99)]);
        let least = 100;
        let source = named("a");
        let extents = 99;
        let expected = EditError::EndInUse {
            source,
            extents,
            least,
        };
        assert_eq!(refused, Err(expected));
        let free_end = Edit::Free {
            source: named("a"),
            areas: Area::new(60, 40).expect("not empty").into(),
            holder: named("somebody"),
        };
        let cut = edited(&problem(), &[free_end.clone(), cut(20)]).expect("nobody is there");
        assert!(cut.sources()[0].free.is_empty());
        let twice = edited(&problem(), &[free_end.clone(), free_end]);
        assert!(matches!(twice, Err(EditError::NotHeld { .. })));
    }

    #[test]
    fn a_new_source_is_open_to_requests_that_name_theirs() {
        let mut requests = problem().requests().to_vec();
        requests[0].allowed = Some(vec![(1, None)]);
        let sources = problem().sources().to_vec();
        let problem = Problem::new(sources, requests, Vec::new()).expect("well formed");
        let add = Edit::AddSource {
            source: named("c"),
            extents: 7,
            tags: BTreeSet::new(),
        };
        let wider = edited(&problem, std::slice::from_ref(&add)).expect("possible");
        let offered = wider.offered(&wider.requests()[0]);
        assert_eq!(
            offered
                .iter()
                .map(|(source, _)| *source)
                .collect::<Vec<_>>(),
            [1, 2]
        );
        let twice = edited(&wider, &[add]);
        assert_eq!(twice, Err(EditError::SourceThere { source: named("c") }));
    }
}
