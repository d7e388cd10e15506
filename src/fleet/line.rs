//! One pool of a fleet as a line of JSON.

use std::borrow::Cow;
use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::ask::Fault;
use crate::json;
use crate::json::locate::read_raw;

/// A pool as a line of a fleet has it, with the host that it belongs to.
///
/// A line may also be a pool by itself: a problem, or a report of LVM2.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[serde(expecting = "a line with `host`, `tags` and `metadata` or `pool`, a problem, or a report")]
pub struct PoolLine<'a> {
    /// The host; its name in the file, with the number of the line, where there is none.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub host: Option<Cow<'a, str>>,
    /// Tags of the host: its rack, what it is made of.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub tags: BTreeSet<String>,
    /// LVM2 metadata text, a JSON report of LVM2 or a problem, as a text.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Cow<'a, str>>,
    /// A problem or a report of LVM2, as an object.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<serde_json::Map<String, serde_json::Value>>")]
    pub pool: Option<&'a RawValue>,
}

/// The JSON Schema of a line.
#[must_use]
pub fn pool_schema() -> String {
    json::schema_text::<PoolLine<'_>>("extentplan/fleet-pool/1")
}

/// What a line is where it has no host around the pool.
#[derive(Deserialize)]
struct Bare {
    #[serde(default)]
    sources: Option<IgnoredAny>,
    #[serde(default)]
    report: Option<IgnoredAny>,
}

/// The text of a pool, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolText<'a> {
    /// The host.
    pub host: Option<Cow<'a, str>>,
    /// Its tags.
    pub tags: BTreeSet<String>,
    /// The pool: what [`Pool::read_all`](crate::ask::Pool::read_all) reads.
    pub text: Cow<'a, str>,
}

/// What of a line says whose it is.
#[derive(Deserialize)]
struct Named {
    host: String,
}

/// The host of a line that is wrong in something else.
pub(crate) fn host_of_line(line: &str) -> Option<String> {
    let named = serde_json::from_str::<Named>(line).ok();
    named.map(|named| named.host)
}

impl<'a> PoolText<'a> {
    /// The pool of a line.
    ///
    /// # Errors
    /// If it is no JSON, has a key that is not known, or no pool.
    pub fn of_line(line: &'a str) -> Result<PoolText<'a>, Fault> {
        let line = line.trim_end();
        let wrapped = match read_raw::<PoolLine<'a>>(line) {
            Ok(wrapped) => wrapped,
            Err(error) => {
                let bare = serde_json::from_str::<Bare>(line);
                if bare.is_ok_and(|bare| bare.sources.is_some() || bare.report.is_some()) {
                    let text = Cow::Borrowed(line);
                    let (host, tags) = (None, BTreeSet::new());
                    return Ok(PoolText { host, tags, text });
                }
                return Err(Fault::in_line(&error));
            }
        };
        let text = match (wrapped.metadata, wrapped.pool) {
            (Some(metadata), None) => metadata,
            (None, Some(pool)) => Cow::Borrowed(pool.get()),
            (None, None) => return Err(Fault::of("expected `metadata` or `pool`, found neither")),
            (Some(_), Some(_)) => {
                return Err(Fault::of("expected `metadata` or `pool`, found both"));
            }
        };
        Ok(PoolText {
            host: wrapped.host,
            tags: wrapped.tags,
            text,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_pool_with_its_host_or_a_pool_alone() {
        let read = |line| PoolText::of_line(line).map(|pool| (pool.host, pool.text));
        let host = |name| Some(Cow::Borrowed(name));
        let line = r#"{"host":"a","tags":["b"],"metadata":"vg {\n}"}"#;
        assert_eq!(read(line), Ok((host("a"), "vg {\n}".into())));
        let line = r#"{"host":"a","pool":{"sources":[]}}"#;
        assert_eq!(read(line), Ok((host("a"), r#"{"sources":[]}"#.into())));
        for line in [r#"{"report":[]}"#, r#"{"sources":[], "requests":[]}"#] {
            assert_eq!(read(line), Ok((None, line.into())));
        }
    }

    #[test]
    fn what_is_wrong_with_a_line_is_said() {
        for (line, words) in [
            ("{", "EOF while parsing"),
            ("[]", "found neither"),
            (r#"{"host":"a"}"#, "found neither"),
            (r#"{"host":"a","hosts":1}"#, "unknown field `hosts`"),
            (r#"{"metadata":"","pool":{}}"#, "found both"),
            ("1", "column 1: found 1; expected a line with `host`"),
            (r#"{"host":7}"#, "column 9: `host`: found 7; expected a"),
        ] {
            let fault = PoolText::of_line(line).expect_err(line).to_string();
            assert!(fault.contains(words), "{line}: {fault}");
        }
    }
}
