import Desk
import MailFormat
import MailTypes

/// The text of a mail that leaves: commands cut out, a template on top, fields filled in, the agent's signature below the
/// agent's own words. Everything else keeps its octets, and a mail without any of these is not touched.
struct LeavingText {
    let sending: Sending
    let text: SentText
    let facts: TemplateFacts

    /// Rewrites stored content where that is needed, or throws a `SendingExplanation` for a field that nothing stands for.
    func rewrite(
        _ original: HeldMail.Content, template: TemplateDefinition?, _ transaction: any DeskTransaction
    ) throws -> (content: HeldMail.Content, header: HeaderSection) {
        let header = sending.content.header
        guard let text = text.text else { return (original, header) }
        let (facts, language) = (facts, sending.roster.definition.language)
        var lines = text.fieldLines
        var changes = TextChanges(replacements: { line in Self.replacements(in: line, facts, language) })
        if !text.isSealed {
            changes.opening = try template.map { TextChanges.Passage(text: try filled($0.text)) }
            changes.signature = try signature()
        }
        if text.isSealed { lines = [] }
        let faults = lines.flatMap { Self.faults(in: $0, facts, language) }
        guard faults.isEmpty else { throw SendingExplanation(fields: faults, language: sending.agent.language) }
        guard let plan = try? text.plan(changes, entropy: sending.submission.intake.cryptography.randomOctets(16)) else {
            // Signed or encrypted: it leaves as it is.
            return (original, header)
        }
        let pieces = plan.pieces
        guard pieces.contains(where: { if case .octets = $0 { true } else { false } })
            || plan.length != original.size - original.bodyOffset
        else { return (original, header) }
        let written = try StoredPlan(header: plan.header.octets, pieces: pieces).store(
            over: original, now: sending.now, transaction)
        return (written, plan.header)
    }

    private func filled(_ text: String) throws -> String {
        do throws(TemplateText.Fault) {
            return try TemplateText(text).filled(with: facts, in: sending.roster.definition.language)
        } catch {
            throw SendingExplanation(fields: [error], language: sending.agent.language)
        }
    }

    private func signature() throws -> TextChanges.Signature? {
        guard let definition = sending.agent.definition.signature else { return nil }
        let picture = definition.picture.map { picture in
            TextChanges.Picture(
                contentID: "signature@\(sending.roster.definition.domain.ascii)",
                mediaType: MediaType(type: Array("image".utf8), subtype: Array(picture.format.rawValue.utf8)),
                name: picture.name, octets: picture.octets)
        }
        return TextChanges.Signature(TextChanges.Passage(text: try filled(definition.text)), picture: picture)
    }

    private static func replacements(
        in line: String, _ facts: TemplateFacts, _ language: Language
    ) -> [TextChanges.Replacement] {
        TemplateText.occurrences(in: line).compactMap { occurrence in
            (try? TemplateText.value(of: occurrence, with: facts, in: language)).map {
                TextChanges.Replacement(range: occurrence.range, text: $0)
            }
        }
    }

    private static func faults(in line: String, _ facts: TemplateFacts, _ language: Language) -> [TemplateText.Fault] {
        TemplateText.occurrences(in: line).compactMap { occurrence in
            do throws(TemplateText.Fault) {
                _ = try TemplateText.value(of: occurrence, with: facts, in: language)
                return nil
            } catch {
                return error
            }
        }
    }
}

extension BodyPlan {
    /// As storage writes it.
    var pieces: [BodyPiece] {
        segments.map { segment in
            switch segment {
            case .literal(let octets): .octets(octets)
            case .original(let range): .range(range)
            }
        }
    }
}
