//! A picture of sources as a vector drawing: one bar each, one colour per holder.

use std::collections::HashMap;

use crate::core::{Source, is_printable};
use crate::show::map::{Holding, by_source};

/// Width of the drawing in pixels.
const WIDTH: u64 = 960;
/// Room for names on the left: at least, at most, and for each letter.
const NAMES_LEAST: u64 = 100;
const NAMES_MOST: u64 = 420;
const LETTER: u64 = 8;
/// Height of one line.
const LINE: u64 = 28;
/// Height of a bar in its line.
const BAR: u64 = 20;

/// Colours that can be told apart by most people (Okabe and Ito, 2008).
const COLOURS: [&str; 8] = [
    "#0072b2", "#e69f00", "#009e73", "#d55e00", "#56b4e9", "#cc79a7", "#f0e442", "#000000",
];

/// Colour of extents that are held by nobody listed.
const HELD: &str = "#b0b0b0";
/// Colour of free extents.
const FREE: &str = "#f2f2f2";

/// The drawing, complete with its namespace, so that it can stand alone or inside a page.
///
/// Every bar has the scale of the largest source. `legend` names the marks of the holdings, in the
/// order in which they get their colours.
#[must_use]
pub fn svg(sources: &[Source], holdings: &[Holding], legend: &[(char, String)]) -> String {
    drawn(sources, holdings, legend).whole()
}

/// What stands in a drawing.
#[derive(Debug)]
pub struct Drawing {
    text: String,
    /// In pixels.
    height: u64,
}

impl Drawing {
    fn whole(&self) -> String {
        let Drawing { text, height } = self;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
             width=\"{WIDTH}\" height=\"{height}\" font-family=\"sans-serif\" font-size=\"13\">\n{text}</svg>\n"
        )
    }
}

/// As [`svg`], to be put into another drawing.
#[must_use]
pub fn drawn(sources: &[Source], holdings: &[Holding], legend: &[(char, String)]) -> Drawing {
    let largest = sources.iter().map(|source| source.extents).max();
    let largest = largest.unwrap_or(1).max(1);
    let longest = sources.iter().map(|source| source.name.chars().count());
    let names = longest.max().unwrap_or(0) as u64 * LETTER + LETTER;
    let names = names.clamp(NAMES_LEAST, NAMES_MOST);
    let bars = WIDTH - names - 4;
    let lines = sources.len() as u64 + legend.len() as u64 + 1;
    let mut text = String::new();
    // Where letters go round, the first holder stands for all of its mark.
    let mut by_mark: HashMap<char, usize> = HashMap::new();
    for (index, (mark, _)) in legend.iter().enumerate() {
        by_mark.entry(*mark).or_insert(index);
    }
    let held = by_source(sources.len(), holdings);
    for (index, (source, held)) in sources.iter().zip(held).enumerate() {
        let top = index as u64 * LINE + 4;
        text.push_str(&format!(
            "<text x=\"4\" y=\"{}\">{}</text>\n",
            top + 15,
            escaped(&source.name)
        ));
        let mut bar = |start: u64, count: u64, colour: &str, title: &str| {
            let left = names * 100 + scaled(start, largest, bars);
            let width = scaled(start + count, largest, bars) - scaled(start, largest, bars);
            text.push_str(&format!(
                "<rect x=\"{}\" y=\"{top}\" width=\"{}\" height=\"{BAR}\" fill=\"{colour}\" \
                 stroke=\"white\" stroke-width=\"0.5\"><title>{}</title></rect>\n",
                pixels(left),
                pixels(width),
                escaped(title)
            ));
        };
        if source.extents > 0 {
            bar(0, source.extents, HELD, "held");
        }
        for area in source.free.iter() {
            bar(area.start(), area.count(), FREE, &format!("free {area}"));
        }
        for holding in held {
            let at = by_mark.get(&holding.mark).copied();
            let colour = at.map_or(HELD, |at| COLOURS[at % COLOURS.len()]);
            let name = at.map_or("held", |at| legend[at].1.as_str());
            let title = format!("{name} {}", holding.area);
            bar(holding.area.start(), holding.area.count(), colour, &title);
        }
    }
    for (index, (_, name)) in legend.iter().enumerate() {
        let top = (sources.len() + index + 1) as u64 * LINE;
        let colour = COLOURS[index % COLOURS.len()];
        text.push_str(&format!(
            "<rect x=\"{names}\" y=\"{top}\" width=\"{BAR}\" height=\"{BAR}\" fill=\"{colour}\"/>\
             <text x=\"{}\" y=\"{}\">{}</text>\n",
            names + BAR + 8,
            top + 15,
            escaped(name)
        ));
    }
    Drawing {
        text,
        height: lines * LINE,
    }
}

/// Drawings one below the other, each with a line above it, and lines of text under them.
#[must_use]
pub fn stacked(drawings: &[(&str, Drawing)], lines: &[String]) -> String {
    let (mut text, mut height) = (String::new(), 0);
    let line = |height: &mut u64, words: &str, weight: &str| {
        *height += LINE;
        let words = escaped(words);
        format!(
            "<text x=\"4\" y=\"{}\"{weight}>{words}</text>\n",
            *height - LINE + 18
        )
    };
    for (title, drawing) in drawings {
        text.push_str(&line(&mut height, title, " font-weight=\"bold\""));
        text.push_str(&format!(
            "<g transform=\"translate(0 {height})\">\n{}</g>\n",
            drawing.text
        ));
        height += drawing.height;
    }
    for words in lines {
        text.push_str(&line(&mut height, words, ""));
    }
    Drawing { text, height }.whole()
}

/// A page with the drawing and the list under it.
#[must_use]
pub fn html(title: &str, drawing: &str, list: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{title}</title>\n\
         <style>body {{ font-family: sans-serif; max-width: 62rem; margin: 2rem auto; \
         padding: 0 1rem; }} svg {{ max-width: 100%; height: auto; }} \
         pre {{ overflow-x: auto; background: #f6f6f6; padding: 1rem; }}</style></head>\n\
         <body>\n<h1>{title}</h1>\n{drawing}<pre>{list}</pre>\n</body>\n</html>\n",
        title = escaped(title),
        list = escaped(list)
    )
}

/// Hundredths of a pixel from the left end of the bars, which are `pixels` wide.
fn scaled(extents: u64, largest: u64, pixels: u64) -> u64 {
    let room = u128::from(pixels * 100);
    let hundredths = u128::from(extents) * room / u128::from(largest);
    u64::try_from(hundredths).expect("at most the width of the drawing")
}

pub(crate) fn pixels(hundredths: u64) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

pub(crate) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            // Control characters other than line ends are not allowed in XML.
            other if is_printable(other) || other == '\n' => safe.push(other),
            _ => safe.push('\u{fffd}'),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::core::{Area, Areas};

    #[test]
    fn names_cannot_break_out_of_the_drawing() {
        let sources = [Source {
            name: "<sd\"a>&".to_string(),
            extents: 10,
            free: Area::new(0, 5).into_iter().collect::<Areas>(),
            tags: BTreeSet::new(),
            ..Source::default()
        }];
        let holdings = [Holding {
            source: 0,
            area: Area::new(0, 2).expect("not empty"),
            mark: 'a',
        }];
        let drawing = svg(&sources, &holdings, &[('a', "leg 0".to_string())]);
        assert!(drawing.contains("&lt;sd&quot;a&gt;&amp;"), "{drawing}");
        assert!(drawing.contains("<title>leg 0 0-1</title>"), "{drawing}");
        assert_eq!(drawing.matches("<rect").count(), 4, "{drawing}");
    }
}
