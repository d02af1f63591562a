use crate::Literal;
use sf_core::{FieldPath, Number};

/// `DISTANCE(Location__c, GEOLOCATION(37.77, -122.41), 'mi')`: how far the place in a field is from a fixed one. To
/// select, to compare with `<` and `>`, and to sort by (SOQL reference, "Location-Based SOQL Queries").
///
/// ```
/// use sf_core::{Number, path};
/// use sf_soql::{Distance, DistanceUnit, prelude::*};
/// let (latitude, longitude): (Number, Number) = ("37.775".parse()?, "-122.418".parse()?);
/// let near = Distance::new(path!("Warehouse__r.Location__c"), latitude, longitude, DistanceUnit::Miles);
/// assert_eq!(
///     near.lt(20).to_string(),
///     "DISTANCE(Warehouse__r.Location__c, GEOLOCATION(37.775, -122.418), 'mi') < 20"
/// );
/// # Ok::<(), sf_core::NumberError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Distance {
    /// A field of type location, or a path to one.
    pub location: FieldPath,
    /// A number of degrees, north positive.
    pub latitude: Literal,
    /// A number of degrees, east positive.
    pub longitude: Literal,
    /// The unit of the result.
    pub unit: DistanceUnit,
}

impl Distance {
    /// From a field to a fixed place.
    pub fn new(
        location: impl Into<FieldPath>,
        latitude: impl Into<Number>,
        longitude: impl Into<Number>,
        unit: DistanceUnit,
    ) -> Distance {
        Distance {
            location: location.into(),
            latitude: Literal::Number(latitude.into()),
            longitude: Literal::Number(longitude.into()),
            unit,
        }
    }
}

/// The unit of a [`Distance`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DistanceUnit {
    /// `'mi'`
    Miles,
    /// `'km'`
    Kilometers,
}

impl DistanceUnit {
    /// `mi` or `km`.
    pub fn as_str(self) -> &'static str {
        match self {
            DistanceUnit::Miles => "mi",
            DistanceUnit::Kilometers => "km",
        }
    }
}
