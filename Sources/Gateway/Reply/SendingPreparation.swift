import Desk
import MailFormat
import MailTypes

/// What is made ready of a large mail before the transaction that accepts it, so that the one writing thread is not held
/// by reading its text and writing its octets once more. The transaction judges the mail all the same; only where the body
/// that leaves comes out as it was made ready, it is used.
struct PreparedMail: Sendable {
    let text: SentText
    /// What the boundaries of the new body were made of.
    let entropy: [UInt8]
    /// The body as it is to leave, and its octets, which nobody refers to yet.
    let rewritten: (plan: BodyPlan, copy: ReceivedContent)?

    /// The staged octets, to be dropped if they were not used.
    var staged: ContentID? {
        guard case .staged(let staging)? = rewritten?.copy.octets else { return nil }
        return staging.content
    }
}

extension Sending {
    /// Makes a mail ready whose octets are in the database already; `nil`: there is nothing to gain, or the transaction is
    /// to say what is wrong.
    func prepared(_ staging: Staging) async -> PreparedMail? {
        do {
            // Behind every piece that is still on its way.
            guard let stored = try await intake.store.write({ _ in staging.content }) else { return nil }
            let original = self.original(stored)
            let entropy = intake.cryptography.randomOctets(16)
            let (text, plan) = try await intake.store.read { transaction in
                try self.plan(original, entropy: entropy, in: transaction)
            }
            guard let plan, plan.changes(original) else { return PreparedMail(text: text, entropy: entropy, rewritten: nil) }
            let copy = try await copy(of: original, by: plan)
            return PreparedMail(text: text, entropy: entropy, rewritten: (plan, copy))
        } catch {
            return nil
        }
    }

    /// The mail as its agent's client sent it, stored as this.
    func original(_ id: ContentID) -> HeldMail.Content {
        HeldMail.Content(
            id: id, bodyOffset: content.header.octets.count, size: content.size, structure: content.structure.encoded(),
            digest: content.digest, isEightBit: content.isEightBit)
    }

    /// The body as the mail would leave, or be kept as a note, by what the database says now.
    private func plan(
        _ original: HeldMail.Content, entropy: [UInt8], in transaction: any DeskTransaction
    ) throws -> (SentText, BodyPlan?) {
        let text = try SentText(original, content.header, roster: roster, agent: agent, now: now, transaction)
        let thread = try SentThread(
            content.header, envelope, agent: agent, stamp: stamp, roster: roster, intake: intake, transaction)
        let recipients = try roles(of: envelope.recipients, thread, transaction)
        let letter = SentLetter(sending: self, text: text, original: original, thread: thread, recipients: recipients)
        return (text, try letter.plan(entropy: entropy, transaction))
    }

    /// Writes the planned mail beside the original, in pieces of short transactions.
    private func copy(of original: HeldMail.Content, by plan: BodyPlan) async throws -> ReceivedContent {
        let body = plan.segments.map { segment -> LargeCopies.Segment in
            switch segment {
            case .literal(let octets): .octets(octets)
            case .original(let range):
                .stored(original.bodyOffset + range.lowerBound..<original.bodyOffset + range.upperBound, of: original.id)
            }
        }
        var copy = try await intake.write([.octets(plan.header.octets)] + body)
        copy.digest = content.digest
        return copy
    }
}

extension BodyPlan {
    /// Whether the body is another one than the original's.
    func changes(_ original: HeldMail.Content) -> Bool {
        hasLiterals || length != original.size - original.bodyOffset
    }

    private var hasLiterals: Bool {
        segments.contains { if case .literal = $0 { true } else { false } }
    }
}
