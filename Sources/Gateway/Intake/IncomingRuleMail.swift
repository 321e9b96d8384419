import Desk
import MailAuth
import MailFormat
import MailTypes

/// A mail on its way in, as rules look at it. Every text is decoded and folded once, however many rules ask for it; it
/// belongs to whoever judges the mail.
final class IncomingRuleMail: RuleMail {
    /// Octets of decoded text of one part that rules look at.
    private static let textLimit = 65536
    /// Values of one header field that rules look at, and parts of the body.
    private static let valueLimit = 100

    private let content: ReceivedContent
    private let envelope: Envelope
    private let traits: MailTraits
    private let clock: any DeskClock
    private let now: Timestamp
    private let verdicts: MailVerdicts?
    private let host: HostFacts?
    private let shownHeader: HeaderSection
    private var headers: [String: [RuleText]] = [:]

    /// Without verdicts nothing is known of where the mail comes from.
    init(
        _ content: ReceivedContent, _ envelope: Envelope, verdicts: MailVerdicts? = nil, host: HostFacts? = nil,
        clock: any DeskClock, now: Timestamp
    ) {
        self.host = host
        (self.content, self.envelope, self.verdicts, self.clock, self.now) = (content, envelope, verdicts, clock, now)
        traits = MailTraits(content.header)
        shownHeader = content.shownHeader
    }

    func header(_ name: String) -> [RuleText] {
        let key = name.lowercased()
        if let known = headers[key] { return known }
        let values = shownHeader.all(name).prefix(Self.valueLimit).map { RuleText(shownHeader.text($0)) }
        headers[key] = values
        return values
    }

    private(set) lazy var author = addresses(["From"])
    private(set) lazy var addressees = addresses(["To", "Cc"])
    private(set) lazy var reversePath = RuleText(envelope.reversePath?.description ?? "")
    private(set) lazy var recipients = envelope.recipients.map { RuleText($0.description) }
    private(set) lazy var subject = RuleText(content.header.text("Subject") ?? "")
    private(set) lazy var arrival = clock.localTime(of: now)

    var size: Int { content.size }
    var isAutomatic: Bool { envelope.reversePath == nil || traits.isAutomatic }

    private(set) lazy var list: RuleText? = {
        guard traits.contains(.list) else { return nil }
        let field = content.header.text("List-Id") ?? ""
        // `Our news <news.example>`: the identifier stands in the brackets (RFC 2919 §3).
        guard let start = field.lastIndex(of: "<"), let end = field.lastIndex(of: ">"), start < end else {
            return RuleText(field)
        }
        return RuleText(String(field[field.index(after: start)..<end]))
    }()

    func verdict(of method: AuthenticationMethod) -> AuthenticationVerdict {
        if method == .spam { return content.isSuspicious ? .fail : .none }
        return host?.verdict(of: method) ?? verdicts?.verdict(of: method) ?? .none
    }

    func isOpen(calendar: String) -> Bool { clock.isOpen(calendar: calendar, at: now) }

    private func addresses(_ names: [String]) -> [RuleText] {
        names.flatMap { content.header.addresses(of: $0) }.prefix(Self.valueLimit).map {
            RuleText($0.address.description)
        }
    }

    // MARK: - Body

    private(set) lazy var body: [RuleText] = leaves.filter { $0.mediaType.isOfType("text") && !$0.isAttachment }
        .compactMap(text)

    private lazy var leaves = Self.leaves(of: content.structure.root, limit: Self.valueLimit)
    private lazy var attachments = leaves.filter(\.isAttachment)

    var hasAttachment: Bool { !attachments.isEmpty }
    private(set) lazy var attachmentNames = attachments.compactMap { $0.filename.map { RuleText($0) } }
    private(set) lazy var attachmentTypes = attachments.map {
        RuleText(String(decoding: $0.mediaType.type + [UInt8(ascii: "/")] + $0.mediaType.subtype, as: UTF8.self))
    }

    /// The text of a part, as far as it is at hand: of a large mail only the beginning is.
    private func text(_ part: BodyPart) -> RuleText? {
        let head = content.head
        let start = content.header.octets.count + part.bodyOffset
        guard start < head.count else { return nil }
        let end = min(start + part.bodyLength, head.count)
        return RuleText(TextDecoder.decodedText(part, Array(head[start..<max(start, end)]), limit: Self.textLimit))
    }

    private static func leaves(of root: BodyPart, limit: Int) -> [BodyPart] {
        var found: [BodyPart] = []
        var open = [root]
        while let part = open.popLast(), found.count < limit {
            if part.isMultipart {
                open += part.children.reversed()
            } else {
                found.append(part)
            }
        }
        return found
    }
}

extension BodyPart {
    /// Meant to be kept, not to be read in place (RFC 2183 §2.2).
    fileprivate var isAttachment: Bool {
        if let disposition, String(decoding: disposition.kind, as: UTF8.self).lowercased() == "attachment" {
            return true
        }
        return filename != nil || (!mediaType.isOfType("text") && !isMultipart && disposition == nil)
    }
}
