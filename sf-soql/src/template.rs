use crate::{Literal, Problems, Query};
/// A statement with `:name` parameters, parsed once, bound often.
#[derive(Debug, Clone)]
pub struct Template {
    _tree: (),
}
impl Template {
    pub fn parse(_text: &str) -> Result<Template, Problems> {
        todo!()
    }
    pub fn parameters(&self) -> impl Iterator<Item = &str> {
        std::iter::empty()
    }
    pub fn bind(&self, name: &str, value: impl Into<Literal>) -> Binding<'_> {
        self.binding().bind(name, value)
    }
    pub fn binding(&self) -> Binding<'_> {
        Binding { template: self, values: Vec::new() }
    }
}
/// Values for a template. Missing, extra and wrong-shaped ones are errors of `query`.
#[derive(Debug, Clone)]
pub struct Binding<'t> {
    template: &'t Template,
    values: Vec<(String, Vec<Literal>)>,
}
impl Binding<'_> {
    #[must_use]
    pub fn bind(mut self, name: &str, value: impl Into<Literal>) -> Self {
        self.values.push((name.into(), vec![value.into()]));
        self
    }
    #[must_use]
    pub fn bind_list<L: Into<Literal>>(mut self, name: &str, values: impl IntoIterator<Item = L>) -> Self {
        self.values.push((name.into(), values.into_iter().map(Into::into).collect()));
        self
    }
    pub fn query(self) -> Result<Query, Problems> {
        let _ = self.template;
        todo!()
    }
}
