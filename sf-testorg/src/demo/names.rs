//! Companies, people and places.
use super::random::Random;

/// The first accounts: names that break programs which escape carelessly, and the ones examples search for.
pub(super) const FIRST: [&str; 14] = [
    "Acme Corporation",
    "O'Brien & Sons Ltd",
    "Škoda Käfer Logistik GmbH",
    "東京データ株式会社",
    "Acme Robotics, Inc.",
    "Société de l'Écoute S.A.",
    "D'Angelo's \"Original\" Bakery",
    "Łódź Textiles Sp. z o.o.",
    "100% Juice_Works",
    "Müller-Lüdenscheidt AG",
    "Path\\finder Systems",
    "Ångström & Ørsted A/S",
    "Acme Health",
    "Πάνθεον Shipping",
];

const STEMS: [&str; 48] = [
    "Northwind",
    "Blue Harbor",
    "Silverline",
    "Cedar",
    "Quantum",
    "Granite",
    "Riverside",
    "Summit",
    "Golden Gate",
    "Pioneer",
    "Evergreen",
    "Atlas",
    "Beacon",
    "Crestview",
    "Delta",
    "Everest",
    "Falcon",
    "Horizon",
    "Ironwood",
    "Juniper",
    "Keystone",
    "Lakeshore",
    "Meridian",
    "Nimbus",
    "Orchard",
    "Pinnacle",
    "Redwood",
    "Sapphire",
    "Tidewater",
    "Union",
    "Vanguard",
    "Westbrook",
    "Zenith",
    "Brücke",
    "Château",
    "Fjord",
    "Señor",
    "Größe",
    "Kōyō",
    "São Bento",
    "Étoile",
    "Nový",
    "Acme",
    "McAllister",
    "O'Neill",
    "Harper",
    "Lindqvist",
    "Okafor",
];
const TRADES: [&str; 36] = [
    "Analytics",
    "Logistics",
    "Foods",
    "Energy",
    "Software",
    "Networks",
    "Pharma",
    "Insurance",
    "Capital",
    "Airlines",
    "Motors",
    "Media",
    "Retail",
    "Biotech",
    "Textiles",
    "Semiconductors",
    "Hospitality",
    "Robotics",
    "Telecom",
    "Mining",
    "Payments",
    "Education",
    "Aerospace",
    "Chemicals",
    "Shipping",
    "Security",
    "Farms",
    "Hotels",
    "Publishing",
    "Devices",
    "Health",
    "Cloud",
    "Games",
    "Bank",
    "Steel",
    "Labs",
];
const FORMS: [&str; 16] = [
    "Inc.", "Ltd", "GmbH", "LLC", "S.A.", "AG", "Group", "Co.", "Corp.", "& Co. KG", "Partners", "plc",
    "A/S", "B.V.", "AB", "& Sons",
];

/// The name of the account with this index; those of the list first, then combinations that repeat after 27,648.
pub(super) fn company(index: u64, random: &mut Random) -> String {
    if let Some(name) = FIRST.get(usize::try_from(index).unwrap_or(usize::MAX)) {
        return (*name).to_owned();
    }
    // A step that shares no factor with the count visits every combination once before the first repeats.
    let all = (STEMS.len() * TRADES.len() * FORMS.len()) as u64;
    let at = usize::try_from((index * 10_007 + 4_243) % all).unwrap_or(0);
    let (stem, rest) = (STEMS[at % STEMS.len()], at / STEMS.len());
    let (trade, form) = (TRADES[rest % TRADES.len()], FORMS[rest / TRADES.len() % FORMS.len()]);
    let round = index / all;
    match (round, random.below(8)) {
        (0, 0) => format!("{stem} {trade}"),
        (0, 1) => format!("{stem} & {} {trade}", LAST[at % LAST.len()]),
        (0, _) => format!("{stem} {trade} {form}"),
        (round, _) => format!("{stem} {trade} {form} {}", round + 1),
    }
}

/// A host name for a company: ASCII letters and digits, the index where nothing else is left.
pub(super) fn domain(company: &str, index: u64) -> String {
    let mut host = String::new();
    for c in company.chars() {
        match fold(c) {
            Some(text) => host.push_str(text),
            None if c.is_ascii_alphanumeric() => host.push(c.to_ascii_lowercase()),
            None if !host.ends_with('-') && !host.is_empty() => host.push('-'),
            None => {}
        }
    }
    let host = host.trim_end_matches('-');
    match host.len() {
        0..3 => format!("company-{index}.example"),
        _ => format!("{host}.example"),
    }
}

fn fold(c: char) -> Option<&'static str> {
    Some(match c {
        'ä' | 'â' | 'å' | 'Å' | 'ã' | 'á' => "a",
        'é' | 'É' | 'è' => "e",
        'ü' | 'ú' => "u",
        'ö' | 'ō' | 'ø' | 'Ø' | 'ó' => "o",
        'ñ' => "n",
        'ß' => "ss",
        'š' | 'Š' => "s",
        'ý' => "y",
        'ł' | 'Ł' => "l",
        'ź' => "z",
        '\'' | '.' | '"' => "",
        _ => return None,
    })
}

const FIRST_NAMES: [&str; 40] = [
    "Anna",
    "José",
    "Mei",
    "Olu",
    "Priya",
    "Liam",
    "Zoë",
    "Björn",
    "Fatima",
    "Grace",
    "Hiro",
    "Ingrid",
    "Jamal",
    "Kateřina",
    "Luca",
    "María",
    "Noah",
    "Océane",
    "Pavel",
    "Quinn",
    "Ravi",
    "Sofia",
    "Tomás",
    "Ursula",
    "Victor",
    "Wanjiru",
    "Xiu",
    "Yusuf",
    "Élodie",
    "Søren",
    "Amara",
    "Bruno",
    "Chloé",
    "Dmitri",
    "Emma",
    "Farid",
    "Gianna",
    "Hans",
    "Isla",
    "Jack",
];
const LAST: [&str; 40] = [
    "Smith",
    "García",
    "Müller",
    "O'Connor",
    "Nguyễn",
    "Kowalski",
    "Tanaka",
    "Okonkwo",
    "D'Souza",
    "Ivanov",
    "Larsson",
    "Rossi",
    "Dubois",
    "Santos",
    "Kim",
    "Patel",
    "van der Berg",
    "Čapek",
    "Hughes",
    "Yılmaz",
    "Fernández",
    "Jensen",
    "Abdi",
    "Chen",
    "Novak",
    "Silva",
    "Weber",
    "Moreau",
    "Haddad",
    "Sato",
    "McDonald",
    "Åkesson",
    "Peña",
    "Ferrari",
    "Johnson",
    "Brown",
    "Singh",
    "Ali",
    "Lopez",
    "Schmidt",
];

/// First and last name of a person.
pub(super) fn person(random: &mut Random) -> (&'static str, &'static str) {
    (random.pick(&FIRST_NAMES), random.pick(&LAST))
}

/// City, state, postal code, country.
pub(super) const PLACES: [(&str, Option<&str>, &str, &str); 16] = [
    ("San Francisco", Some("CA"), "94105", "United States"),
    ("New York", Some("NY"), "10001", "United States"),
    ("Austin", Some("TX"), "78701", "United States"),
    ("Chicago", Some("IL"), "60601", "United States"),
    ("Toronto", Some("ON"), "M5H 2N2", "Canada"),
    ("London", None, "EC1A 1BB", "United Kingdom"),
    ("München", Some("Bayern"), "80331", "Germany"),
    ("Zürich", None, "8001", "Switzerland"),
    ("Paris", None, "75002", "France"),
    ("São Paulo", Some("SP"), "01310-100", "Brazil"),
    ("東京", None, "100-0001", "Japan"),
    ("Sydney", Some("NSW"), "2000", "Australia"),
    ("Kraków", None, "31-001", "Poland"),
    ("Málaga", None, "29001", "Spain"),
    ("Bengaluru", Some("Karnataka"), "560001", "India"),
    ("Lagos", None, "101241", "Nigeria"),
];
pub(super) const STREETS: [&str; 10] = [
    "Market Street",
    "High Street",
    "Hauptstraße",
    "Rue de l'Église",
    "Avenida Paulista",
    "King's Road",
    "Station Road",
    "Bahnhofplatz",
    "Elm Avenue",
    "Harbour View",
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn company_names_and_domains_are_mostly_unique() {
        let mut names = BTreeSet::new();
        let mut domains = BTreeSet::new();
        for index in 0..14_400 {
            let name = company(index, &mut Random::of(1, "account", index));
            assert!(name.chars().count() < 80, "{name}");
            domains.insert(domain(&name, index));
            names.insert(name);
        }
        assert!(names.len() > 13_500, "{}", names.len());
        assert!(domains.len() > 13_000, "{}", domains.len());
    }

    #[test]
    fn domains_are_host_names() {
        for (index, (name, host)) in [
            ("O'Brien & Sons Ltd", "obrien-sons-ltd.example"),
            ("東京データ株式会社", "company-1.example"),
            ("Ångström & Ørsted A/S", "angstrom-orsted-a-s.example"),
            ("Łódź Textiles Sp. z o.o.", "lodz-textiles-sp-z-oo.example"),
        ]
        .into_iter()
        .enumerate()
        {
            assert_eq!(domain(name, index as u64), host);
        }
    }
}
