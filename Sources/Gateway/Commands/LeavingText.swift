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
        _ original: HeldMail.Content, template: LeavingTemplate?, _ transaction: any DeskTransaction
    ) throws -> (content: HeldMail.Content, header: HeaderSection) {
        let entropy = sending.prepared?.entropy ?? sending.intake.cryptography.randomOctets(16)
        guard let plan = try plan(template: template, entropy: entropy) else { return (original, sending.content.header) }
        return try sending.rewritten(original, by: plan, transaction)
    }

    /// The body as it leaves; `nil`: as it is.
    func plan(template: LeavingTemplate?, entropy: [UInt8]) throws -> BodyPlan? {
        guard let text = text.text else { return nil }
        let (facts, language) = (facts, sending.roster.definition.language)
        var lines = text.fieldLines
        var changes = TextChanges(replacements: { line in Self.replacements(in: line, facts, language) })
        if !text.isSealed {
            changes.opening = try template?.passage(facts, language, to: sending.agent)
            changes.signature = try signature()
        }
        if text.isSealed { lines = [] }
        let faults = lines.flatMap { Self.faults(in: $0, facts, language) }
        guard faults.isEmpty else { throw SendingExplanation(fields: faults, language: sending.agent.language) }
        // What is signed or encrypted leaves as it is.
        return try? text.plan(changes, entropy: entropy)
    }

    /// A text with its fields filled in.
    func filled(_ text: String) throws -> String {
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

    /// The fields of a line that something stands for.
    static func replacements(
        in line: String, _ facts: TemplateFacts, _ language: Language
    ) -> [TextChanges.Replacement] {
        TemplateText.occurrences(in: line).compactMap { occurrence in
            (try? TemplateText.value(of: occurrence, with: facts, in: language)).map {
                TextChanges.Replacement(range: occurrence.range, text: $0)
            }
        }
    }

    /// The fields of a line that nothing stands for.
    static func faults(in line: String, _ facts: TemplateFacts, _ language: Language) -> [TemplateText.Fault] {
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

extension Sending {
    /// The mail with its planned body: what was made ready where that is the same, else written now.
    func rewritten(
        _ original: HeldMail.Content, by plan: BodyPlan, _ transaction: any DeskTransaction
    ) throws -> (content: HeldMail.Content, header: HeaderSection) {
        guard plan.changes(original) else { return (original, content.header) }
        if let ready = prepared?.rewritten, ready.plan == plan {
            let written = HeldMail.Content(
                id: try ready.copy.file(in: transaction), bodyOffset: ready.copy.header.octets.count, size: ready.copy.size,
                structure: ready.copy.structure.encoded(), digest: content.digest, isEightBit: ready.copy.isEightBit)
            try transaction.shareAcceptances(of: original.id, with: written.id)
            return (written, plan.header)
        }
        let written = try StoredPlan(header: plan.header.octets, pieces: plan.pieces).store(
            over: original, now: now, transaction)
        return (written, plan.header)
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
