//! A fingerprint as a picture, for a first look: what differs at a glance need not be read.
//!
//! The words are what is compared; the picture comes from other bytes, so that both together say
//! more than either.

use std::fmt::Write as _;

use crate::fingerprint::Fingerprint;

/// Cells to a side; the right half mirrors the left.
const SIDE: usize = 5;
const MIDDLE: usize = SIDE.div_ceil(2);
/// In the units of the picture.
const CELL: usize = 10;
const EDGE: usize = 5;
const SIZE: usize = SIDE * CELL + 2 * EDGE;
/// Whose bytes the words do not use.
const COLORS: usize = 8;
const CELLS: usize = 10;

impl Fingerprint {
    /// The picture as SVG, with its own light ground, so that it looks the same on every page.
    /// Whole numbers only: the interface draws the very same text.
    pub fn picture(&self) -> String {
        let hue = usize::from(self.0[COLORS]) * 360 / 256;
        // Never close to the first one.
        let other = (hue + 90 + usize::from(self.0[COLORS + 1]) * 180 / 256) % 360;
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {SIZE} {SIZE}\">\
             <rect width=\"{SIZE}\" height=\"{SIZE}\" rx=\"12\" fill=\"hsl({hue} 40% 93%)\"/>"
        );
        let colors = [
            format!("hsl({hue} 60% 36%)"),
            format!("hsl({other} 65% 46%)"),
        ];
        for row in 0..SIDE {
            for column in 0..MIDDLE {
                let byte = self.0[CELLS + row * MIDDLE + column];
                let Some(shape) = shape(byte, &colors) else {
                    continue;
                };
                draw(&mut svg, shape, column, row);
                let mirrored = SIDE - 1 - column;
                if mirrored != column {
                    draw(&mut svg, shape, mirrored, row);
                }
            }
        }
        svg.push_str("</svg>");
        svg
    }
}

#[derive(Clone, Copy)]
struct Shape<'a> {
    round: bool,
    color: &'a str,
}

/// What a byte puts into its cell: nothing in three of eight cases.
fn shape(byte: u8, [first, second]: &[String; 2]) -> Option<Shape<'_>> {
    let (round, color) = match byte % 8 {
        0..=2 => return None,
        3 | 4 => (false, first),
        5 => (true, first),
        6 => (false, second),
        _ => (true, second),
    };
    Some(Shape { round, color })
}

fn draw(svg: &mut String, Shape { round, color }: Shape<'_>, column: usize, row: usize) {
    let (x, y) = (EDGE + column * CELL, EDGE + row * CELL);
    let written = if round {
        let half = CELL / 2;
        let (x, y) = (x + half, y + half);
        write!(
            svg,
            "<circle cx=\"{x}\" cy=\"{y}\" r=\"{half}\" fill=\"{color}\"/>"
        )
    } else {
        write!(
            svg,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{CELL}\" height=\"{CELL}\" fill=\"{color}\"/>"
        )
    };
    written.expect("a string takes everything");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_well_formed_and_mirrored() {
        let svg = Fingerprint(std::array::from_fn(|n| (n * 37 % 256) as u8)).picture();
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>"), "{svg}");
        let at = |x: usize| svg.matches(&format!(" x=\"{x}\"")).count();
        assert_eq!((at(5), at(15)), (at(45), at(35)));
    }

    #[test]
    fn another_byte_is_another_picture() {
        let bytes = [7; 32];
        let picture = Fingerprint(bytes).picture();
        for n in COLORS..CELLS + SIDE * MIDDLE {
            let mut others = bytes;
            others[n] = 0;
            assert_ne!(Fingerprint(others).picture(), picture, "byte {n}");
        }
    }
}
