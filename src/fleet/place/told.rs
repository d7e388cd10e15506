//! What there is to tell of a placement beside its layouts: why something is not placed, and how full hosts are.

use crate::fleet::place::answer::HostFill;
use crate::fleet::place::book::{Book, domain};

/// Why not all volumes of a request are placed; `None` where they are.
pub(crate) fn unplaced(book: &Book<'_, '_>, class: usize) -> Option<String> {
    let question = book.question;
    let request = &question.requests[class];
    let held = book.counts.iter().filter_map(|held| held.get(&class));
    let placed: u64 = held.sum();
    if placed == request.count {
        return None;
    }
    let count = |is_so: &dyn Fn(usize) -> bool| {
        let hosts = 0..question.hosts.len();
        hosts.filter(|&host| is_so(host)).count()
    };
    let tagged = count(&|host| question.hosts[host].has_tags[class]);
    if tagged == 0 {
        let tags: Vec<&str> = request.tags.iter().map(String::as_str).collect();
        return Some(format!("no host has the tags {}", tags.join(" ")));
    }
    let able = count(&|host| book.can_hold(host, class));
    let of = match request.tags.is_empty() {
        true => format!("the {tagged} hosts"),
        false => format!("the {tagged} hosts with its tags"),
    };
    if able == 0 {
        return Some(format!("none of {of} can hold one"));
    }
    let alone = question.capacity[class];
    if alone < request.count {
        let apart = match &request.apart {
            Some(apart) => {
                let mut domains: Vec<&str> = (0..question.hosts.len())
                    .filter(|&host| book.can_hold(host, class))
                    .map(|host| domain(&question.hosts[host], request))
                    .collect();
                domains.sort_unstable();
                domains.dedup();
                let what = match &apart.tag {
                    Some(tag) => format!("tags `{tag}..`"),
                    None => "hosts".to_string(),
                };
                format!(", apart on {} {what}", domains.len())
            }
            None => String::new(),
        };
        return Some(format!(
            "{able} of {of} can hold one; no more than {alone} fit there, were it alone{apart}"
        ));
    }
    let left = (0..question.hosts.len()).map(|host| book.fitting(host, class));
    let left: u64 = left.fold(0, u64::saturating_add);
    Some(match left {
        0 => format!("{able} of {of} can hold one; other requests take the room that is left"),
        _ => {
            format!("{able} of {of} can hold one; where there is room for more no layout was found")
        }
    })
}

/// How full each host is before and after; where layouts are not known to the extent, at least so full.
pub(crate) fn fills(book: &Book<'_, '_>) -> Vec<HostFill> {
    let hosts = book.question.hosts.iter().zip(&book.room);
    let fill = |(host, room): (&crate::fleet::PlaceHost, &Vec<u64>)| HostFill {
        extents: host.extents,
        free_before: host.rows[0],
        free_after: room[0],
    };
    hosts.map(fill).collect()
}
