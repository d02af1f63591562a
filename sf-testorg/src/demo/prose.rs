//! What people write into notes and comments.
use super::random::Random;

const SENTENCES: [&str; 28] = [
    "Met with the platform team; they plan to move two more services behind the gateway next quarter.",
    "Champion left the company — introduced ourselves to the new VP of Engineering.",
    "Usage dropped after the summer freeze, back to normal since.",
    "Waiting for legal to sign the DPA.",
    "They asked for a roadmap session on \"AI gateway\" features.",
    "Executive sponsor is engaged & replies within a day.",
    "No open P1 tickets; two P3 about rate limiting.",
    "Renewal is likely, price is the open point (±10%).",
    "Still on the open-source version in one business unit.",
    "Workshop délivré à l'équipe de Lyon, très bon retour.",
    "Kunde möchte die Plattform auch in Österreich einführen.",
    "次回の四半期レビューは来月です。",
    "Success plan agreed: onboarding by Q2, 80% adoption by Q4.",
    "Migration of the legacy API (v1 → v2) is delayed by three weeks.",
    "CTO wants a cost comparison; see C:\\shared\\tco.xlsx.",
    "Training completed for 14 of 20 developers.",
    "Competitor is running a proof of concept at the US subsidiary.",
    "Consumption is at 112% of the contract: expansion talk scheduled.",
    "They don't use the dev portal yet; demo planned.",
    "Project \"Phoenix\" went live 🎉",
    "Budget was cut, procurement asks for a shorter term.",
    "Reference call agreed for the analyst report.",
    "Health turned yellow because of the unresolved upgrade to 3.x.",
    "Security review passed without findings.",
    "QBR held on site; NPS survey sent out afterwards.",
    "Data residency is a must-have for the EU entity.",
    "Ops team reports 99.98% availability over the last 90 days.",
    "Value realization workshop postponed, stakeholders on parental leave.",
];

/// `sentences` sentences, now and then in paragraphs.
pub(super) fn text(random: &mut Random, sentences: u64) -> String {
    let mut out = String::new();
    for at in 0..sentences {
        if at > 0 {
            out.push_str(if random.chance(20) { "\n\n" } else { " " });
        }
        out.push_str(random.pick(&SENTENCES));
    }
    out
}

/// A comment: mostly a sentence or two, one in two hundred long.
pub(super) fn comment(random: &mut Random) -> String {
    let sentences = if random.below(200) == 0 { 40 } else { 1 + random.below(3) };
    text(random, sentences)
}
