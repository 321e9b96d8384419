package import MailTypes

/// What a mail system says about a mail that it was given: a delivery status notification (RFC 3464), or one of the forms
/// that mail systems write freely.
package struct DeliveryReport: Sendable, Equatable {
    /// What became of the mail for one recipient (RFC 3464 §2.3.3).
    package enum Action: String, Sendable { case failed, delayed, delivered, relayed, expanded }

    /// One recipient of the mail.
    package struct Recipient: Sendable, Equatable {
        /// As the sender wrote it, where the report says so, else where the mail was to go at last.
        package var address: EmailAddress?
        package var action: Action
        package var status: EnhancedStatus?
        /// The words of the server that refused it, in one line.
        package var diagnostic: String

        package init(address: EmailAddress?, action: Action, status: EnhancedStatus? = nil, diagnostic: String = "") {
            (self.address, self.action, self.status, self.diagnostic) = (address, action, status, diagnostic)
        }

        /// There is no such mailbox, or none that takes mail any more: it is of no use to write there again.
        package var isHard: Bool { action == .failed && status?.isOfNoMailbox == true }
    }

    /// The bounds of reading: reports come from outside.
    package struct Limits: Sendable {
        package var recipients: Int
        /// Octets of a diagnostic that are kept.
        package var diagnostic: Int
        /// Octets of a text that are looked at.
        package var text: Int
        package init(recipients: Int = 100, diagnostic: Int = 500, text: Int = 32_768) {
            (self.recipients, self.diagnostic, self.text) = (recipients, diagnostic, text)
        }
    }

    package var recipients: [Recipient]

    package init(recipients: [Recipient]) { self.recipients = recipients }

    /// Whether it tells of a recipient who will not get the mail.
    package var isFailure: Bool { recipients.contains { $0.action == .failed } }

    /// Reads a report out of a message of which at least the beginning is there; `nil`: it says nothing that can be told
    /// from other mail. `octets` begins with the header section.
    package static func read(
        _ header: HeaderSection, _ structure: MIMEStructure, _ octets: [UInt8], limits: Limits = Limits()
    ) -> DeliveryReport? {
        let base = header.octets.count
        if let part = statusPart(structure.root) {
            let start = min(base + part.bodyOffset, octets.count)
            let end = min(start + min(part.bodyLength, limits.text), octets.count)
            let report = StatusFields.read(octets[start..<end], limits)
            if !report.recipients.isEmpty { return report }
        }
        guard let part = firstText(structure.root) else { return nil }
        let start = min(base + part.bodyOffset, octets.count)
        let end = min(start + min(part.bodyLength, limits.text), octets.count)
        var decoder = TransferDecoder(part.transferEncoding ?? [])
        var text: [UInt8] = []
        octets[start..<end].withUnsafeBytes { decoder.decode($0, into: &text) }
        decoder.finish(into: &text)
        let report = FreeReport.read(header, String(decoding: text, as: UTF8.self), limits)
        return report.recipients.isEmpty ? nil : report
    }

    private static func statusPart(_ part: BodyPart, depth: Int = 0) -> BodyPart? {
        if part.mediaType.is("message", "delivery-status") || part.mediaType.is("message", "global-delivery-status") {
            return part
        }
        guard depth < 8, part.isMultipart else { return nil }
        for child in part.children { if let found = statusPart(child, depth: depth + 1) { return found } }
        return nil
    }

    private static func firstText(_ part: BodyPart, depth: Int = 0) -> BodyPart? {
        guard part.isMultipart else { return part.mediaType.isOfType("text") ? part : nil }
        guard depth < 8 else { return nil }
        for child in part.children { if let found = firstText(child, depth: depth + 1) { return found } }
        return nil
    }
}

/// The fields of a `message/delivery-status` part (RFC 3464 §2).
enum StatusFields {
    static func read(_ octets: ArraySlice<UInt8>, _ limits: DeliveryReport.Limits) -> DeliveryReport {
        var report = DeliveryReport(recipients: [])
        // Groups of fields with empty lines between them: the first is about the mail, each further one about a recipient.
        for group in groups(octets) where report.recipients.count < limits.recipients {
            let fields = HeaderSection(group + [0x0D, 0x0A])
            guard let action = word(fields, "Action").flatMap({ DeliveryReport.Action(rawValue: $0) }) else { continue }
            let diagnostic = typed(fields, "Diagnostic-Code") ?? ""
            let address = (typed(fields, "Original-Recipient") ?? typed(fields, "Final-Recipient")).flatMap(parsedAddress)
            let status = (word(fields, "Status") ?? "").firstStatus ?? diagnostic.firstStatus ?? diagnostic.statusOfReply
            report.recipients.append(
                DeliveryReport.Recipient(
                    address: address, action: action, status: status,
                    diagnostic: diagnostic.oneLine(limits.diagnostic)))
        }
        return report
    }

    private static func groups(_ octets: ArraySlice<UInt8>) -> [[UInt8]] {
        var groups: [[UInt8]] = [[]]
        for line in octets.split(separator: 0x0A, omittingEmptySubsequences: false) {
            let isEmpty = line.allSatisfy { $0 == 0x0D || $0 == 0x20 || $0 == 0x09 }
            if isEmpty {
                if groups.last?.isEmpty == false { groups.append([]) }
            } else {
                groups[groups.count - 1] += line + [0x0A]
            }
        }
        return groups
    }

    private static func word(_ fields: HeaderSection, _ name: String) -> String? {
        guard let value = fields.unfolded(name) else { return nil }
        let text = String(decoding: value, as: UTF8.self).lowercased()
        return text.split { $0 == " " || $0 == "\t" || $0 == ";" || $0 == "(" }.first.map(String.init)
    }

    /// The value behind the type: `rfc822; jan@customer.example`.
    private static func typed(_ fields: HeaderSection, _ name: String) -> String? {
        guard let value = fields.unfolded(name) else { return nil }
        let text = String(decoding: value, as: UTF8.self)
        guard let mark = text.firstIndex(of: ";") else { return nil }
        return String(text[text.index(after: mark)...].drop { $0 == " " || $0 == "\t" })
    }

    private static func parsedAddress(_ text: String) -> EmailAddress? {
        var text = text[...]
        while let last = text.last, last == " " || last == "\t" || last == ">" { text.removeLast() }
        if text.first == "<" { text.removeFirst() }
        return EmailAddress(text)
    }
}
