//! What is asked for month by month beside what there is: bars in a terminal, and as a drawing.

use anstyle::{AnsiColor, Color, Style};

use crate::show::svg::{escaped, pixels};

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
pub fn bars(bars: &[Bar], limit: u64, width: usize, is_coloured: bool) -> Vec<String> {
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
        if is_coloured {
            let style = Style::new().fg_color(Some(Color::Ansi(colour)));
            format!("{style}{line}{style:#}")
        } else {
            line.to_string()
        }
    };
    bars.iter().map(one).collect()
}

/// Width of the drawing, of its margins, and height of the part with the bars, in pixels.
const WIDTH: u64 = 960;
const MARGIN: u64 = 60;
const HEIGHT: u64 = 320;
/// Pixels between labels: so wide is one of three digits.
const LABEL: u64 = 28;

/// The bars as a drawing, complete with its namespace: standing side by side, with a line where there is no
/// more. Colours as in maps (Okabe and Ito, 2008).
#[must_use]
pub fn bars_svg(title: &str, bars: &[Bar], limit: u64, limit_label: &str) -> String {
    let most = bars.iter().map(|bar| bar.value).chain([limit]).max();
    let most = u128::from(most.unwrap_or(1).max(1));
    // Hundredths of a pixel, as everywhere in drawings.
    let height_of = |value: u64| -> u64 {
        let scaled = u128::from(value) * u128::from(HEIGHT) * 100 / most;
        u64::try_from(scaled).unwrap_or(HEIGHT * 100)
    };
    let total = HEIGHT + 3 * MARGIN / 2;
    let bottom = MARGIN + HEIGHT;
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {total}\" width=\"{WIDTH}\" \
         height=\"{total}\" font-family=\"sans-serif\" font-size=\"13\">\n\
         <text x=\"{MARGIN}\" y=\"24\" font-size=\"16\">{}</text>\n",
        escaped(title)
    );
    let count = bars.len().max(1) as u64;
    let slot = (WIDTH - 2 * MARGIN) * 100 / count;
    // As many labels as do not run into each other.
    let every = (LABEL * 100).div_ceil(slot.max(1)).max(1);
    for (index, bar) in bars.iter().enumerate() {
        let (left, height) = (MARGIN * 100 + slot * index as u64, height_of(bar.value));
        let (colour, words) = match bar.fits {
            Some(true) => ("#009e73", "fits"),
            Some(false) => ("#d55e00", "does not fit"),
            None => ("#b0b0b0", "unknown"),
        };
        text.push_str(&format!(
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{colour}\">\
             <title>{}: {} extents, {words}</title></rect>\n",
            pixels(left + slot / 10),
            pixels(bottom * 100 - height),
            pixels(slot * 8 / 10),
            pixels(height),
            escaped(&bar.label),
            bar.value
        ));
        if (index as u64).is_multiple_of(every) {
            text.push_str(&format!(
                "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n",
                pixels(left + slot / 2),
                bottom + 18,
                escaped(&bar.label)
            ));
        }
    }
    let top = pixels(bottom * 100 - height_of(limit));
    text.push_str(&format!(
        "<line x1=\"{MARGIN}\" x2=\"{}\" y1=\"{top}\" y2=\"{top}\" stroke=\"black\" \
         stroke-dasharray=\"6 4\"/>\n\
         <text x=\"{}\" y=\"{top}\" dy=\"-6\" text-anchor=\"end\">{}</text>\n</svg>\n",
        WIDTH - MARGIN,
        WIDTH - MARGIN,
        escaped(limit_label)
    ));
    text
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
        let lines = bars(&[bar(0, true), bar(5, true), bar(20, false)], 10, 21, false);
        assert_eq!(
            lines,
            ["..........|", "=====.....|", "xxxxxxxxxx|xxxxxxxxxx"]
        );
        let coloured = bars(&[bar(5, true)], 10, 21, true);
        assert!(coloured[0].starts_with('\u{1b}'), "{coloured:?}");
    }

    #[test]
    fn a_drawing_has_a_bar_for_each_and_escapes_what_it_is_told() {
        let many: Vec<Bar> = (0..100).map(|value| bar(value, value < 60)).collect();
        let text = bars_svg("a < b", &many, 60, "60 & more");
        assert_eq!(text.matches("<rect").count(), 100);
        assert!(text.contains("a &lt; b") && text.contains("60 &amp; more"));
        assert!(text.matches("<text").count() < 40, "labels overlap");
    }
}
