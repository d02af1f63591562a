//! The org as its Tooling API sees it: the packages that are installed in it.
//!
//! A small org of its own beside the data: three sObjects, their rows, and locators. It only answers, nothing is written to it.
use crate::{
    schema_file::unusable,
    soql::Locators,
    state::{Cell, State},
};
use serde_json::{Value as Json, json};
use sf_core::{Result, SfId, Timestamp};

/// A package that is installed in the org, as `InstalledSubscriberPackage` shows it.
///
/// ```
/// use sf_testorg::InstalledPackage;
///
/// let package = InstalledPackage::new("Acme Billing", [2, 1, 0, 7]).namespace("acme").version_name("Spring");
/// let org = sf_testorg::TestOrg::builder().installed_package(package).build();
/// # drop(org);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct InstalledPackage {
    /// Its name.
    pub name: String,
    /// Major, minor, patch and build number of the installed version.
    pub version: [u32; 4],
    /// The name of the installed version; that of the package unless one is given.
    pub version_name: Option<String>,
    /// The namespace of a managed package.
    pub namespace: Option<String>,
    /// Whether it is managed: with a namespace it is, unless said otherwise.
    pub is_managed: bool,
    /// `Managed` or `Unlocked` for a second-generation package, else `None`.
    pub container_options: Option<String>,
    /// Whether the installed version is a beta version.
    pub is_beta: bool,
    /// Who published it.
    pub publisher: Option<String>,
}

impl InstalledPackage {
    /// A first-generation package without namespace: `[major, minor, patch, build]`.
    pub fn new(name: impl Into<String>, version: [u32; 4]) -> InstalledPackage {
        InstalledPackage {
            name: name.into(),
            version,
            version_name: None,
            namespace: None,
            is_managed: false,
            container_options: None,
            is_beta: false,
            publisher: None,
        }
    }
    /// The same, managed, with this namespace.
    #[must_use]
    pub fn namespace(mut self, namespace: impl Into<String>) -> InstalledPackage {
        self.namespace = Some(namespace.into());
        self.is_managed = true;
        self
    }
    /// The same with this name of the version.
    #[must_use]
    pub fn version_name(mut self, name: impl Into<String>) -> InstalledPackage {
        self.version_name = Some(name.into());
        self
    }
    /// The same as a second-generation package: `Managed` or `Unlocked`.
    #[must_use]
    pub fn container_options(mut self, options: impl Into<String>) -> InstalledPackage {
        self.container_options = Some(options.into());
        self
    }
    /// The same as a beta version.
    #[must_use]
    pub fn beta(mut self) -> InstalledPackage {
        self.is_beta = true;
        self
    }
    /// The same by this publisher.
    #[must_use]
    pub fn publisher(mut self, publisher: impl Into<String>) -> InstalledPackage {
        self.publisher = Some(publisher.into());
        self
    }
}

/// What the Tooling API answers from.
pub(crate) struct Tooling {
    pub(crate) state: State,
    pub(crate) locators: Locators,
}

impl Tooling {
    /// With its sObjects and no package. A test holds that they can be read.
    pub(crate) fn new(now: Timestamp) -> Tooling {
        let mut state = State::new(now);
        for describe in sobjects() {
            let added = state.put_sobject(describe);
            debug_assert!(added.is_ok(), "{added:?}");
        }
        state.seal();
        Tooling { state, locators: Locators::default() }
    }

    pub(crate) fn install(&mut self, package: &InstalledPackage) -> Result<SfId> {
        let [major, minor, patch, build] = package.version.map(|n| Cell::Int(n.into()));
        let text = |text: &Option<String>| Cell::text(text.as_deref().unwrap_or_default());
        let failed = |e: crate::state::SchemaError| unusable(e.message);
        let id = self
            .state
            .insert_row(
                "SubscriberPackage",
                [
                    ("Name", Cell::text(&package.name)),
                    ("NamespacePrefix", text(&package.namespace)),
                    ("IsPackageValid", Cell::Bool(true)),
                ],
            )
            .map_err(failed)?;
        let name = package.version_name.as_deref().unwrap_or(&package.name);
        let version = self
            .state
            .insert_row(
                "SubscriberPackageVersion",
                [
                    ("SubscriberPackageId", Cell::Id(id)),
                    ("Name", Cell::text(name)),
                    ("MajorVersion", major),
                    ("MinorVersion", minor),
                    ("PatchVersion", patch),
                    ("BuildNumber", build),
                    ("IsManaged", Cell::Bool(package.is_managed)),
                    ("IsBeta", Cell::Bool(package.is_beta)),
                    ("ReleaseState", Cell::text(if package.is_beta { "Beta" } else { "Released" })),
                    ("Package2ContainerOptions", text(&package.container_options)),
                    ("PublisherName", text(&package.publisher)),
                ],
            )
            .map_err(failed)?;
        let installed = self
            .state
            .insert_row(
                "InstalledSubscriberPackage",
                [
                    ("SubscriberPackageId", Cell::Id(id)),
                    ("SubscriberPackageVersionId", Cell::Id(version)),
                    ("MinPackageVersionId", Cell::Id(version)),
                ],
            )
            .map_err(failed)?;
        self.state.seal();
        Ok(installed)
    }
}

/// Fields as the Tooling API guide lists them; those whose type is a complex value are left out.
fn sobjects() -> [Json; 3] {
    let id = json!({"name": "Id", "type": "id", "defaultedOnCreate": true, "filterable": true, "groupable": true, "sortable": true,
        "idLookup": true});
    let field = |name: &str, kind: &str, length: u32, flags: &[&str]| {
        let mut field = json!({"name": name, "type": kind, "length": length});
        for flag in flags {
            field[*flag] = true.into();
        }
        field
    };
    let text = |name: &str| field(name, "string", 255, &["filterable", "groupable", "nillable", "sortable"]);
    let name = |name: &str| {
        field(name, "string", 255, &["filterable", "groupable", "idLookup", "sortable", "nameField"])
    };
    let flag =
        |name: &str| field(name, "boolean", 0, &["defaultedOnCreate", "filterable", "groupable", "sortable"]);
    let number = |name: &str| {
        let mut field = field(name, "int", 0, &["filterable", "groupable", "nillable", "sortable"]);
        field["digits"] = 9.into();
        field
    };
    let lookup = |name: &str, to: &str| {
        let mut field = field(name, "reference", 18, &["filterable", "groupable", "nillable", "sortable"]);
        field["referenceTo"] = json!([to]);
        field["relationshipName"] = name.trim_end_matches("Id").into();
        field
    };
    let choice = |name: &str, values: &[&str]| {
        let mut field = field(
            name,
            "picklist",
            40,
            &["filterable", "groupable", "nillable", "restrictedPicklist", "sortable"],
        );
        field["picklistValues"] = values.iter().map(|value| json!({"value": value})).collect();
        field
    };
    [
        json!({"name": "InstalledSubscriberPackage", "label": "Installed Subscriber Package", "keyPrefix": "0A3", "fields": [
            id, lookup("MinPackageVersionId", "SubscriberPackageVersion"), lookup("SubscriberPackageId", "SubscriberPackage"),
            lookup("SubscriberPackageVersionId", "SubscriberPackageVersion")]}),
        json!({"name": "SubscriberPackage", "label": "Subscriber Package", "keyPrefix": "033", "fields": [
            id, text("Description"), flag("IsPackageValid"), name("Name"), text("NamespacePrefix")]}),
        json!({"name": "SubscriberPackageVersion", "label": "Subscriber Package Version", "keyPrefix": "04t", "fields": [
            id, lookup("SubscriberPackageId", "SubscriberPackage"), name("Name"), text("Description"), text("PublisherName"),
            number("MajorVersion"), number("MinorVersion"), number("PatchVersion"), number("BuildNumber"),
            choice("ReleaseState", &["Released", "Beta"]), flag("IsManaged"), flag("IsDeprecated"), flag("IsPasswordProtected"),
            flag("IsBeta"), flag("IsSecurityReviewed"), flag("IsOrgDependent"), text("PostInstallUrl"), text("ReleaseNotesUrl"),
            text("AppExchangePackageName"), text("AppExchangeDescription"), text("AppExchangePublisherName"),
            text("AppExchangeLogoUrl"), choice("Package2ContainerOptions", &["Managed", "Unlocked"])]}),
    ]
}
