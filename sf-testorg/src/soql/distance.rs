//! Distances on the globe.
use crate::state::{Row, SObjectType};
use sf_soql::{Distance, DistanceUnit, Literal};

/// The fixed place of a DISTANCE, and the unit of its result.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Place {
    latitude: f64,
    longitude: f64,
    unit: DistanceUnit,
}

impl Place {
    /// `None` when the degrees are no numbers, or not on the globe.
    pub(super) fn of(distance: &Distance) -> Option<Place> {
        let degrees = |literal: &Literal, most: f64| match literal {
            Literal::Number(n) => Some(n.to_f64()).filter(|n| n.abs() <= most),
            _ => None,
        };
        let (latitude, longitude) =
            (degrees(&distance.latitude, 90.0)?, degrees(&distance.longitude, 180.0)?);
        Some(Place { latitude, longitude, unit: distance.unit })
    }

    /// By the haversine formula (SOQL reference, "Location-Based SOQL Queries").
    pub(super) fn from(&self, (latitude, longitude): (f64, f64)) -> f64 {
        let radius = match self.unit {
            DistanceUnit::Kilometers => 6371.0,
            _ => 3958.76,
        };
        let half = |degrees: f64| (degrees.to_radians() / 2.0).sin().powi(2);
        let a = half(latitude - self.latitude)
            + self.latitude.to_radians().cos()
                * latitude.to_radians().cos()
                * half(longitude - self.longitude);
        2.0 * radius * a.sqrt().min(1.0).asin()
    }
}

/// Latitude and longitude of a compound field; `None` unless both are there.
pub(super) fn place_in(sobject: &SObjectType, row: &Row, compound: &str) -> Option<(f64, f64)> {
    let part = |end: &str| {
        let is_part = |name: &str| {
            let name = name.to_ascii_lowercase();
            name.ends_with(end) || name.ends_with(&format!("__{end}__s"))
        };
        sobject
            .fields
            .iter()
            .zip(&row.cells)
            .find(|(field, _)| field.compound_field_name.as_deref() == Some(compound) && is_part(&field.name))
            .and_then(|(_, cell)| cell.as_f64())
    };
    Some((part("latitude")?, part("longitude")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_distances() {
        let paris = (48.8566, 2.3522);
        let from_london = |unit| Place { latitude: 51.5074, longitude: -0.1278, unit }.from(paris);
        assert!((from_london(DistanceUnit::Kilometers) - 343.6).abs() < 0.5);
        assert!((from_london(DistanceUnit::Miles) - 213.5).abs() < 0.5);
        let pole = Place { latitude: 90.0, longitude: 0.0, unit: DistanceUnit::Kilometers };
        assert!((pole.from((-90.0, 0.0)) - 20_015.1).abs() < 1.0);
    }
}
