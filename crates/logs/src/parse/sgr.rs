//! Select Graphic Rendition: colours and weights that programs write for terminals (ECMA-48, 8.3.117; colours 38 and 48
//! after ISO 8613-6, as xterm reads them).

/// The most styles of one line; later ones are not drawn.
pub(super) const MAX_STYLES: usize = 4_096;

/// How a part of a text looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Where it begins, in bytes of the text.
    pub start: usize,
    /// Where it ends, in bytes of the text.
    pub end: usize,
    /// How it looks.
    pub look: Look,
}

/// A colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Color {
    /// Of the terminal's 256: 0 to 7 usual, 8 to 15 bright, then xterm's cube and greys.
    Indexed(u8),
    /// Red, green, blue.
    Rgb(u8, u8, u8),
}

/// Colours and weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Look {
    /// Of the letters; `None` is the usual one.
    pub foreground: Option<Color>,
    /// Behind the letters; `None` is the usual one.
    pub background: Option<Color>,
    /// Heavier.
    pub bold: bool,
    /// Fainter.
    pub dim: bool,
    /// Slanted.
    pub italic: bool,
    /// Underlined, in whatever way.
    pub underline: bool,
    /// Foreground and background exchanged.
    pub inverse: bool,
    /// Struck through.
    pub strike: bool,
}

/// Turns a line's SGR sequences into styles.
pub(super) struct Painter<'a> {
    styles: &'a mut Vec<Style>,
    look: Look,
    since: usize,
}

impl<'a> Painter<'a> {
    pub(super) fn new(styles: &'a mut Vec<Style>) -> Self {
        Self { styles, look: Look::default(), since: 0 }
    }

    /// Takes the parameters of a sequence that stands at a place in the text.
    pub(super) fn apply(&mut self, parameters: &str, at: usize) {
        let mut look = self.look;
        change(&mut look, parameters);
        if look != self.look {
            self.close(at);
            self.look = look;
            self.since = at;
        }
    }

    /// Ends the last style with the text.
    pub(super) fn finish(mut self, at: usize) {
        self.close(at);
    }

    fn close(&mut self, at: usize) {
        if self.look != Look::default() && at > self.since && self.styles.len() < MAX_STYLES {
            self.styles.push(Style { start: self.since, end: at, look: self.look });
        }
    }
}

fn change(look: &mut Look, parameters: &str) {
    let mut numbers = parameters.split([';', ':']).map(|p| p.parse::<u16>().unwrap_or(0));
    while let Some(number) = numbers.next() {
        match number {
            0 => *look = Look::default(),
            1 => look.bold = true,
            2 => look.dim = true,
            3 => look.italic = true,
            4 | 21 => look.underline = true,
            7 => look.inverse = true,
            9 => look.strike = true,
            22 => (look.bold, look.dim) = (false, false),
            23 => look.italic = false,
            24 => look.underline = false,
            27 => look.inverse = false,
            29 => look.strike = false,
            30..=37 => look.foreground = indexed(number - 30),
            38 => look.foreground = extended(&mut numbers).or(look.foreground),
            39 => look.foreground = None,
            40..=47 => look.background = indexed(number - 40),
            48 => look.background = extended(&mut numbers).or(look.background),
            49 => look.background = None,
            90..=97 => look.foreground = indexed(number - 82),
            100..=107 => look.background = indexed(number - 92),
            _ => {}
        }
    }
}

fn indexed(number: u16) -> Option<Color> {
    u8::try_from(number).ok().map(Color::Indexed)
}

fn extended(numbers: &mut impl Iterator<Item = u16>) -> Option<Color> {
    let mut byte = || numbers.next().and_then(|n| u8::try_from(n).ok());
    match byte()? {
        5 => byte().map(Color::Indexed),
        2 => Some(Color::Rgb(byte()?, byte()?, byte()?)),
        _ => None,
    }
}
