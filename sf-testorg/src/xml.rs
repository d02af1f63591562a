//! XML that requests carry, as a tree: what SOAP sign-ins and Bulk API 1.0 send. Namespaces are not looked at, a name is its local part.
use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};

/// Deeper documents are refused.
const DEPTH: usize = 32;

/// One element.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Element {
    /// Without its prefix.
    pub(crate) name: String,
    /// Whether it says `xsi:nil="true"`.
    pub(crate) is_nil: bool,
    pub(crate) children: Vec<Element>,
    /// The text in it, character data and references resolved.
    pub(crate) text: String,
}

impl Element {
    /// The first child of this name.
    pub(crate) fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }
    /// The first element of this name, itself or below.
    pub(crate) fn find(&self, name: &str) -> Option<&Element> {
        if self.name == name {
            return Some(self);
        }
        self.children.iter().find_map(|child| child.find(name))
    }
}

/// Reads a document; the error says what is wrong with it. A document type is refused: nothing here needs one.
pub(crate) fn read(bytes: &[u8]) -> Result<Element, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "The document is not in UTF-8".to_owned())?;
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}').trim_start());
    let mut open: Vec<Element> = Vec::new();
    let mut root = None;
    loop {
        let event = reader.read_event().map_err(|error| error.to_string())?;
        match event {
            Event::Start(_) | Event::Empty(_) if root.is_some() => {
                return Err("There is more than one root element".into());
            }
            Event::Start(_) if open.len() >= DEPTH => return Err("Elements are nested too deeply".into()),
            Event::Start(start) => open.push(element(&start)?),
            Event::Empty(start) => close(element(&start)?, &mut open, &mut root),
            Event::End(_) => {
                let Some(done) = open.pop() else { return Err("An end tag has no start".into()) };
                close(done, &mut open, &mut root);
            }
            Event::Text(text) => add(&text.xml10_content(), &mut open)?,
            Event::CData(data) => add(&data.xml10_content(), &mut open)?,
            Event::GeneralRef(reference) => {
                let c = match reference.resolve_char_ref().map_err(|error| error.to_string())? {
                    Some(c) => Some(c),
                    None => predefined(&reference),
                };
                let c = c.ok_or_else(|| {
                    format!("The entity \"{}\" was referenced, but not declared", &*reference)
                })?;
                add(c.encode_utf8(&mut [0; 4]), &mut open)?;
            }
            Event::DocType(_) => return Err("A document type is not allowed".into()),
            Event::Eof => break,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
    }
    if let Some(open) = open.last() {
        return Err(format!("The element \"{}\" is not closed", open.name));
    }
    root.ok_or_else(|| "Premature end of file".into())
}

fn element(start: &BytesStart<'_>) -> Result<Element, String> {
    let mut element = Element { name: local(start.name().as_ref()).to_owned(), ..Element::default() };
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| error.to_string())?;
        if local(attribute.key.as_ref()) == "nil" {
            element.is_nil = matches!(attribute.value.trim(), "true" | "1");
        }
    }
    Ok(element)
}

fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

fn predefined(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => return None,
    })
}

fn add(text: &str, open: &mut [Element]) -> Result<(), String> {
    match open.last_mut() {
        Some(element) => element.text.push_str(text),
        None if text.trim().is_empty() => {}
        None => return Err("Content is not allowed outside of the root element".into()),
    }
    Ok(())
}

fn close(done: Element, open: &mut [Element], root: &mut Option<Element>) {
    match open.last_mut() {
        Some(parent) => parent.children.push(done),
        None => *root = Some(done),
    }
}

/// Text as it stands in an element. A carriage return would not survive as it is: readers make a line feed of it.
pub(crate) fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\r' => out.push_str("&#13;"),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_document_is_a_tree_of_local_names() {
        let text = "\u{feff}\n<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- one -->\n<d:jobInfo xmlns:d=\"u\">\n <d:a>x &amp;&#65;&#x42;<![CDATA[<&>]]></d:a>\r\n \
                    <b xsi:nil=\"true\"/><c nil='false'></c><d><e>1</e><e>2</e></d></d:jobInfo>\n<?pi?>";
        let root = read(text.as_bytes()).unwrap();
        let names: Vec<&str> = root.children.iter().map(|c| c.name.as_str()).collect();
        assert_eq!((root.name.as_str(), names), ("jobInfo", vec!["a", "b", "c", "d"]));
        assert_eq!(root.child("a").unwrap().text, "x &AB<&>");
        assert!(root.child("b").unwrap().is_nil && !root.child("c").unwrap().is_nil);
        assert_eq!(root.find("e").unwrap().text, "1");
        assert_eq!(root.child("e"), None);
    }

    #[test]
    fn what_is_not_well_formed_is_refused() {
        for text in [
            "",
            " ",
            "text",
            "<a>",
            "<a></b>",
            "</a>",
            "<a/><b/>",
            "<a/>text",
            "<a>&x;</a>",
            "<a>&</a>",
            "<a b></a>",
            "<a",
            "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>",
            "<a b='1' b='2'/>",
            "<a>&#xD800;</a>",
        ] {
            assert!(read(text.as_bytes()).is_err(), "{text}");
        }
        assert!(read(b"<a>\xff</a>").is_err());
        let deep = |n: usize| format!("{}{}", "<a>".repeat(n), "</a>".repeat(n));
        assert!(read(deep(DEPTH).as_bytes()).is_ok() && read(deep(10_000).as_bytes()).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..60), text in "[<>/a&;#x!\\[\\]'\"= -]{0,40}") {
            let _ = read(&bytes);
            let _ = read(text.as_bytes());
        }
        #[test]
        fn any_text_of_xml_comes_back(text in "[\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]{0,40}") {
            let mut xml = String::from("<a>");
            escape(&text, &mut xml);
            xml.push_str("</a>");
            prop_assert_eq!(read(xml.as_bytes()).map(|a| a.text), Ok(text));
        }
    }
}
