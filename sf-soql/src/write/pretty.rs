//! Where the pretty form breaks its lines. The compact form has blanks in these places.

use super::Writer;
use crate::Item;

/// A list of fields goes on in a new line from this column.
const WIDTH: usize = 88;

/// How lines are broken.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    pretty: bool,
    /// Blanks before a clause.
    indent: usize,
}

impl Layout {
    pub(super) fn new(pretty: bool) -> Layout {
        Layout { pretty, indent: 0 }
    }
}

impl Writer {
    fn line(&mut self, more: usize) {
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n(' ', self.layout.indent + more));
    }

    /// The next clause, with its word.
    pub(super) fn clause(&mut self, word: &str) {
        if self.layout.pretty {
            self.line(0);
        } else {
            self.out.push(' ');
        }
        self.text(word);
    }

    /// Between a comma and the next entry of SELECT.
    pub(super) fn before_item(&mut self, item: &Item) {
        let full = || {
            let line = self.out.rfind('\n').map_or(0, |at| at + 1);
            self.out.len() - line > WIDTH
        };
        if self.layout.pretty && (matches!(item, Item::Children { .. } | Item::TypeOf(_)) || full()) {
            self.line(4);
        } else {
            self.out.push(' ');
        }
    }

    /// Between two conditions; those of a clause itself have lines of their own.
    pub(super) fn before_part(&mut self, of_clause: bool) {
        if self.layout.pretty && of_clause {
            self.line(2);
        } else {
            self.out.push(' ');
        }
    }

    /// A subquery of SELECT.
    pub(super) fn indented(&mut self, write: impl FnOnce(&mut Writer)) {
        let outer = self.layout;
        self.layout.indent += 5;
        write(self);
        self.layout = outer;
    }

    /// A subquery of IN.
    pub(super) fn on_one_line(&mut self, write: impl FnOnce(&mut Writer)) {
        let outer = self.layout;
        self.layout.pretty = false;
        write(self);
        self.layout = outer;
    }
}
