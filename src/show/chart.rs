//! What is asked for month by month beside what there is: bars in a terminal.

use anstyle::{AnsiColor, Color, Style};

use crate::show::map::MapStyle;

/// A bar of a chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    /// What it is called.
    pub label: String,
    /// How much is asked for.
    pub value: u64,
    /// Whether that much fits; `None` where nobody knows.
    pub fits: Option<bool>,
}

/// Asked for, and it fits.
const ASKED: char = '=';
/// Asked for, and it does not fit.
const TOO_MUCH: char = 'x';
/// Asked for, and nobody knows.
const OPEN: char = '?';
/// Left over.
const LEFT: char = '.';

/// The bars as text, `width` columns each: `=` is asked for, `x` where it does not fit, `.` is left over.
///
/// All have one scale; `|` is where there is no more, which is not always as far as what fits.
#[must_use]
pub fn bars(bars: &[Bar], limit: u64, width: usize, style: MapStyle) -> Vec<String> {
    let most = bars.iter().map(|bar| bar.value).chain([limit]).max();
    let most = u128::from(most.unwrap_or(1).max(1));
    let width = width.max(8) - 1;
    let columns = |value: u64| -> usize {
        let scaled = u128::from(value) * width as u128;
        usize::try_from(scaled.div_ceil(most)).unwrap_or(width)
    };
    let limit_at = columns(limit);
    let one = |bar: &Bar| {
        let (mark, colour) = match bar.fits {
            Some(true) => (ASKED, AnsiColor::Green),
            Some(false) => (TOO_MUCH, AnsiColor::Red),
            None => (OPEN, AnsiColor::Yellow),
        };
        let mut front = String::new();
        let mut back = String::new();
        let filled = columns(bar.value);
        for column in 0..width {
            let text = if column < limit_at {
                &mut front
            } else {
                &mut back
            };
            text.push(match (column < filled, column < limit_at) {
                (true, _) => mark,
                (false, true) => LEFT,
                (false, false) => ' ',
            });
        }
        let line = format!("{front}|{back}");
        let line = line.trim_end();
        let line: String = line.chars().map(|mark| drawn(mark, style)).collect();
        if style.is_coloured {
            let colour = Style::new().fg_color(Some(Color::Ansi(colour)));
            format!("{colour}{line}{colour:#}")
        } else {
            line
        }
    };
    bars.iter().map(one).collect()
}

/// A mark as it is drawn.
fn drawn(mark: char, style: MapStyle) -> char {
    match mark {
        ASKED if style.has_blocks => '\u{2588}',
        TOO_MUCH if style.has_blocks => '\u{2593}',
        OPEN if style.has_blocks => '\u{2592}',
        LEFT if style.has_blocks => '\u{2591}',
        '|' if style.has_blocks => '\u{2502}',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(value: u64, fits: bool) -> Bar {
        Bar {
            label: value.to_string(),
            value,
            fits: Some(fits),
        }
    }

    #[test]
    fn bars_share_a_scale_and_the_limit_stands_in_one_column() {
        let lines = bars(
            &[bar(0, true), bar(5, true), bar(20, false)],
            10,
            21,
            MapStyle::plain(),
        );
        assert_eq!(
            lines,
            ["..........|", "=====.....|", "xxxxxxxxxx|xxxxxxxxxx"]
        );
        let style = MapStyle {
            is_coloured: true,
            has_blocks: true,
            ..MapStyle::plain()
        };
        let coloured = bars(&[bar(5, true)], 10, 21, style);
        assert!(coloured[0].starts_with('\u{1b}'), "{coloured:?}");
        assert!(coloured[0].contains("\u{2588}\u{2591}"), "{coloured:?}");
    }
}
